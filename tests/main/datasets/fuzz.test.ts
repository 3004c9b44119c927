import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FuzzJob, FuzzOutcome } from './fuzzRunner.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/datasets')
const cases = Number(process.env.STITCHWORK_FUZZ_CASES ?? 120)
const secondsPerCase = 6

interface Tally {
  imported: number
  refused: number
  thrown: string[]
  /** Cases in which the process died or was stopped; the supervisor tells a person so. */
  died: number[]
}

/** Runs cases in disposable processes: one that dies or hangs is followed by another from the next case on. */
async function fuzz(fixture: string, damaged: string): Promise<Tally> {
  const tally: Tally = { imported: 0, refused: 0, thrown: [], died: [] }
  for (let first = 0; first < cases;) {
    const scratch = mkdtempSync(join(tmpdir(), 'fuzz-'))
    first = await runUntilDeath(
      { fixture: join(fixtures, fixture), damaged, scratch, first, end: cases },
      tally
    )
    rmSync(scratch, { recursive: true })
  }
  return tally
}

function runUntilDeath(job: FuzzJob, tally: Tally): Promise<number> {
  const child = fork(join(import.meta.dirname, 'fuzzRunner.ts'), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: ['--max-old-space-size=512']
  })
  let open: number | null = null
  let next = job.first
  let timer: NodeJS.Timeout
  const arm = () => {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), secondsPerCase * 1000)
  }
  arm()
  child.on('message', ({ index, how, text }: FuzzOutcome) => {
    arm()
    next = index + 1
    open = how === 'begun' ? index : null
    if (how === 'imported') tally.imported++
    if (how === 'refused') {
      tally.refused++
      expect(text.length, text).toBeLessThan(700)
    }
    if (how === 'thrown') tally.thrown.push(`case ${index}: ${text}`)
  })
  child.send(job)
  return new Promise(resolve =>
    child.once('close', () => {
      clearTimeout(timer)
      if (open !== null) tally.died.push(open)
      resolve(Math.max(next, job.first + 1))
    })
  )
}

test.each([
  ['d4rl-next.hdf5', ''],
  ['d4rl-timeouts.hdf5', ''],
  ['minari-hdf5', 'data/main_data.hdf5'],
  ['minari-hdf5', 'data/metadata.json'],
  ['minari-arrow', 'data/1/part-0.arrow'],
  ['minari-dict-arrow', 'data/0/part-0.arrow'],
  ['documented.csv', ''],
  ['mapped.csv', '']
])(
  `${cases} damaged copies of %s %s end in an import or one sentence`,
  { timeout: 600_000 },
  async (fixture, damaged) => {
    const tally = await fuzz(fixture, damaged)
    expect(tally.imported + tally.refused + tally.thrown.length + tally.died.length).toBe(cases)
    expect(tally.thrown).toEqual([])
    // Readers may abort or hang on damage; that is why they run in a process of their own, which is stopped.
    expect(tally.died.length).toBeLessThanOrEqual(cases / 50)
    expect(tally.refused).toBeGreaterThan(0)
  }
)
