import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../base/errors.ts'
import type { Reporter } from './reporter.ts'

const retryMs = 5_000
const pause = (leaving: AbortSignal): Promise<void> =>
  wait(retryMs, undefined, { signal: leaving }).catch(() => undefined) // A request to leave only ends the waiting.

/**
 * Does something that writes; while the disk is full it says so and tries again, because a run must not die of it.
 * @param waitForSpace what lies between two attempts
 * @throws UserError('disk-full') when a request to leave comes while the disk is full, and whatever else the work throws
 */
export async function withDiskSpace<T>(
  work: () => Promise<T>,
  reporter: Reporter,
  leaving: AbortSignal,
  waitForSpace: (leaving: AbortSignal) => Promise<void> = pause
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'disk-full' || leaving.aborted) throw error
      reporter.note({ phase: 'waiting for disk space' })
      const text = `${error.message}. The run waits.`
      if (attempt === 0) reporter.say({ kind: 'log', level: 'warning', step: null, text })
      await waitForSpace(leaving)
    }
  }
}
