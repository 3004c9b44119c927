/** The file that keeps what was measured on this machine, `measurements.json` in the engines folder. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { engineSpeed, measuredSize, type MeasuredSize } from '../../src-preload/contract/engines.ts'
import { messageOf } from '../base/errors.ts'
import { writeFileAtomicSync } from '../base/files.ts'
import type { Log } from '../base/log.ts'

/** What a speed belongs to besides the engine. */
const machine = z.object({ processor: z.string(), cores: z.number() })
export type Machine = z.infer<typeof machine>

const storedMeasurement = z.object({
  machine,
  size: measuredSize,
  measuredAt: z.number(),
  otherRuns: z.number(),
  speeds: z.array(engineSpeed)
})
export type StoredMeasurement = z.infer<typeof storedMeasurement>

const fileSchema = z.object({ format: z.literal(1), measurements: z.array(z.unknown()) })

/** Old sizes leave when there are more. */
const most = 300

/** Text that is equal for equal sizes. */
export const sizeKey = (size: MeasuredSize): string =>
  JSON.stringify([
    ...[size.algorithm, size.hiddenSizes, size.batchSize, size.threads],
    ...[size.observationSize, size.actions, size.actionSize]
  ])

const entryKey = ({ machine: { processor, cores }, size }: StoredMeasurement): string =>
  JSON.stringify([processor, cores, sizeKey(size)])

/** Measurements of any machine, newest first; a file that is damaged or of another version counts as none, with a line in the log. */
export function readMeasurements(file: string, log: Log): StoredMeasurement[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warning(`${file} cannot be read (${messageOf(error)}); engines are measured anew`)
    return []
  }
  try {
    const entries = fileSchema.parse(JSON.parse(text)).measurements
    const good = entries.flatMap(entry => storedMeasurement.safeParse(entry).data ?? [])
    if (good.length < entries.length)
      log.warning(
        `${entries.length - good.length} measurements in ${file} are damaged; those sizes are measured anew`
      )
    return good
  } catch {
    log.warning(`${file} is damaged or of another version; engines are measured anew and it is rewritten`)
    return []
  }
}

/** Drops measurements in which an engine failed: it has been installed anew, and may do better. */
export function forgetFailures(file: string, engine: string, log: Log): void {
  const all = readMeasurements(file, log)
  const failed = ({ speeds }: StoredMeasurement): boolean =>
    speeds.some(speed => speed.engine === engine && speed.stepsPerSecond === null)
  if (all.some(failed))
    write(
      file,
      all.filter(entry => !failed(entry)),
      log
    )
}

/**
 * Adds a measurement in the place of an older one of its size and machine. A file that cannot be written costs a line in the log:
 * the measurement then has to be taken again another time.
 */
export function saveMeasurement(file: string, added: StoredMeasurement, log: Log): void {
  const others = readMeasurements(file, { ...log, warning: () => undefined }).filter(
    entry => entryKey(entry) !== entryKey(added)
  )
  write(file, [added, ...others].slice(0, most), log)
}

function write(file: string, measurements: readonly StoredMeasurement[], log: Log): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileAtomicSync(file, JSON.stringify({ format: 1, measurements }, null, 2) + '\n')
  } catch (error) {
    log.warning(`${file} cannot be written, so engines will be measured again: ${messageOf(error)}`)
  }
}
