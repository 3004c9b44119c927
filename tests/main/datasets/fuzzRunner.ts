/** A process that imports damaged copies of one fixture, case after case, and says how each ended. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../../src-main/base/errors.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { openSource, readSource } from '../../../src-main/datasets/importers/index.ts'
import { reportOf } from '../../../src-main/datasets/report.ts'
import { settle } from '../../../src-main/datasets/settle.ts'

export interface FuzzJob {
  /** What is picked, and the file inside it that is damaged (empty: the picked file itself). */
  readonly fixture: string
  readonly damaged: string
  readonly scratch: string
  readonly first: number
  readonly end: number
}
export type FuzzOutcome = {
  readonly index: number
  readonly how: 'begun' | 'imported' | 'refused' | 'thrown'
  readonly text: string
}

/** Flips, overwrites, repeats, removes or cuts bytes: one to eight damages, from the case's own random numbers. */
function mutate(bytes: Uint8Array, index: number): Uint8Array {
  const random = new RandomSequence(index, 'fuzz')
  let out = Uint8Array.from(bytes)
  for (let count = 1 + random.integer(8); count > 0 && out.length > 0; count--) {
    const at = random.integer(out.length)
    const length = 1 + random.integer(Math.min(64, out.length - at))
    const kind = random.integer(6)
    if (kind === 0) out[at] ^= 1 << random.integer(8)
    else if (kind === 1) out[at] = random.integer(256)
    else if (kind === 2) out.fill([0, 255, 127][random.integer(3)], at, at + length)
    else if (kind === 3) out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + length)])
    else if (kind === 4) out = Uint8Array.from([...out.subarray(0, at + length), ...out.subarray(at)])
    else if (random.integer(4) === 0) out = out.slice(0, at)
  }
  return out
}

async function attempt(path: string): Promise<Omit<FuzzOutcome, 'index'>> {
  try {
    const source = await openSource(path)
    const { importer, file } = await readSource(source, { answers: {}, progress: () => Promise.resolve() })
    const report = reportOf('0', source, importer, file, settle(importer, file, source.name, {}))
    return { how: 'imported', text: `${report.episodes} episodes` }
  } catch (error) {
    if (error instanceof UserError) return { how: 'refused', text: error.message }
    return { how: 'thrown', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function run({ fixture, damaged, scratch, first, end }: FuzzJob): Promise<void> {
  const original = readFileSync(join(fixture, damaged))
  for (let index = first; index < end; index++) {
    // A name of its own: HDF5 remembers what it read of a file.
    const folder = join(scratch, String(index))
    mkdirSync(folder)
    const path = join(folder, basename(fixture))
    cpSync(fixture, path, { recursive: true })
    writeFileSync(join(path, damaged), mutate(original, index))
    process.send?.({ index, how: 'begun', text: '' } satisfies FuzzOutcome)
    process.send?.({ index, ...(await attempt(path)) } satisfies FuzzOutcome)
    rmSync(folder, { recursive: true })
  }
  process.disconnect()
}

process.on('message', (job: FuzzJob) => void run(job))
