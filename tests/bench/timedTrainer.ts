/** The real trainer, with the time that it spends in its engine's calls written to a file when it ends. */
import { writeFileSync } from 'node:fs'
import type { Engine, Session } from '../../src-main/compute/engine.ts'
import { engines } from '../../src-main/compute/index.ts'

/** Variable with the path of the file. */
export const timesVariable = 'STITCHWORK_BENCH_TIMES'

/** Seconds. */
export interface EngineTimes {
  /** From the beginning of the first call to the end of the last. */
  readonly training: number
  /** Of it, in calls. */
  readonly inCalls: number
  /** From the start of the process to the beginning of the first call. */
  readonly untilFirstCall: number
}

let firstBegan: number | null = null
let lastEnded = 0
let inCalls = 0

function timed(session: Session): Session {
  const run = session.run.bind(session)
  session.run = async request => {
    const began = performance.now()
    firstBegan ??= began
    const result = await run(request)
    lastEnded = performance.now()
    inCalls += lastEnded - began
    return result
  }
  return session
}

function writeTimes(file: string): void {
  const began = firstBegan ?? lastEnded
  const times: EngineTimes = {
    training: (lastEnded - began) / 1e3,
    inCalls: inCalls / 1e3,
    untilFirstCall: began / 1e3
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
