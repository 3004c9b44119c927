import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { UserError } from '../base/errors.ts'
import { freeLock, takeLock } from '../base/processLock.ts'

const retryMs = 50
/** An orphaned trainer ends within 10 s; one that takes longer is stuck. */
const attempts = 20_000 / retryMs
/** A file that nobody has signed after so many attempts was left by a crash of the system. */
const unsignedAttempts = 2_000 / retryMs

/**
 * Takes the sole right to write in a run's folder, waiting for the trainer of a killed app to write its last checkpoint.
 * @param onWait told once, with the holder's process id
 * @returns frees it
 * @throws UserError('conflict') when the other does not end, the signal's reason when aborted
 */
export async function lockRun(
  path: string,
  onWait: (pid: number) => void,
  signal: AbortSignal
): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true })
  let unsigned = 0
  let pid: number | null = null
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before: number | null = pid
    pid = takeLock(path)
    if (pid === null) {
      const free = (): void => {
        process.off('exit', free)
        freeLock(path)
      }
      process.once('exit', free)
      return free
    }
    if (pid === 0 && ++unsigned > unsignedAttempts) rmSync(path, { force: true })
    if (pid !== 0 && before !== pid) onWait(pid)
    await pause(retryMs, undefined, { signal })
  }
  throw new UserError(
    'conflict',
    `process ${pid} still writes in this run's folder; end it, then resume the run`,
    { pid }
  )
}
