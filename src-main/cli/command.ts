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

/** Runs a piece of work with a session, and closes it however the work ends. */
export async function withSession<T>(
  context: CommandContext,
  work: (session: Session) => Promise<T>
): Promise<T> {
  const session = await openSession(context.home, context.log)
  try {
    return await work(session)
  } finally {
    await session.close()
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
