/** The real trainer, with the time that it spends in its engine's calls written to a file when it ends. */
import { writeFileSync } from 'node:fs'
import type { Engine, Session } from '../../src-main/compute/engine.ts'
import { engines } from '../../src-main/compute/index.ts'

/** Variable with the path of the file. */
export const timesVariable = 'STITCHWORK_BENCH_TIMES'

/** Steps before the share of calls is measured: the first point of the curves, whose function is compiled by its first call, lies among them. */
const stepsBefore = 400

/** Seconds. */
export interface EngineTimes {
  /** From the beginning of the first call after so many steps to the end of the last; NaN of a shorter run. */
  readonly training: number
  /** Of it, in calls. */
  readonly inCalls: number
  /** From the start of the process to the beginning of the first call. */
  readonly untilFirstCall: number
}

let firstBegan: number | null = null
let measuredFrom = NaN
let steps = 0
let lastEnded = 0
let inCalls = 0

function timed(session: Session): Session {
  const run = session.run.bind(session)
  session.run = async request => {
    const began = performance.now()
    firstBegan ??= began
    if (steps >= stepsBefore && Number.isNaN(measuredFrom)) measuredFrom = began
    const result = await run(request)
    lastEnded = performance.now()
    if (!Number.isNaN(measuredFrom)) inCalls += lastEnded - began
    steps += request.steps
    return result
  }
  return session
}

function writeTimes(file: string): void {
  const times: EngineTimes = {
    training: (lastEnded - measuredFrom) / 1e3,
    inCalls: inCalls / 1e3,
    untilFirstCall: (firstBegan ?? lastEnded) / 1e3
  }
  writeFileSync(file, JSON.stringify(times))
}

const file = process.env[timesVariable]
if (file !== undefined) {
  for (const engine of engines as Engine[]) {
    const compile = engine.compile.bind(engine)
    engine.compile = async (program, options) => timed(await compile(program, options))
  }
  process.on('exit', () => writeTimes(file))
  await import('../../src-main/training/trainer.ts')
}
