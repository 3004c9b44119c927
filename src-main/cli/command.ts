import type { Log } from '../base/log.ts'
import type { Output } from './output.ts'
import { openSession, type Session } from './session.ts'
import { Cancelled } from './exitCodes.ts'

/** What every command is given. */
export interface CommandContext {
  /** The home folder of `--home`, or the system's usual one. */
  readonly home: string
  readonly output: Output
  readonly log: Log
  /** Aborts at Ctrl+C. */
  readonly signal: AbortSignal
}

/** How often a host looks whether those who joined it are still there. */
const othersMs = 200

/** Waits for the commands that joined this one's host, which would lose their work with it; not after Ctrl+C. */
async function waitForOthers({ output, signal }: CommandContext, others: () => number): Promise<void> {
  if (others() === 0 || signal.aborted) return
  output.note('other commands work through this one; it ends with the last of them (Ctrl+C ends all now)')
  while (others() > 0 && !signal.aborted) await new Promise(resolve => setTimeout(resolve, othersMs))
}

/** Runs a piece of work with a session, and closes it however the work ends. */
export async function withSession<T>(
  context: CommandContext,
  work: (session: Session) => Promise<T>
): Promise<T> {
  const session = await openSession(context.home, context.log)
  try {
    return await work(session)
  } finally {
    await session.close(others => waitForOthers(context, others))
  }
}

/**
 * Reads a stream to its end and gives back what `pick` found in it; leaving earlier would cancel the work behind it.
 * @throws Cancelled when the signal aborts first
 */
export async function waitFor<T, R>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
  pick: (item: T) => R | undefined
): Promise<R> {
  let found: R | undefined
  for await (const item of items) found = pick(item) ?? found
  if (signal.aborted) throw new Cancelled()
  if (found === undefined) throw new Error('invariant: a stream ended before its result')
  return found
}
