/**
 * A process that trains one subject on one engine for as long as it is asked to; messages in and out:
 * `{ start }` -> `{ ready }`, then each `{ seconds }` -> a `Speed`.
 */
import { engineById } from '../../src-main/compute/index.ts'
import type { Session } from '../../src-main/compute/engine.ts'
import { drawRequest } from '../../src-main/training/draws.ts'
import type { MadeUpTraining } from '../../src-main/training/madeUp.ts'
import { prepare, type Subject } from './subject.ts'

export interface StartMessage {
  readonly start: Subject & { readonly engine: string; readonly threads: number }
}
export interface WindowMessage {
  readonly seconds: number
}

/** Steps by the clock, and by the processor time of the process: the second is comparable on a busy machine too. */
export interface Speed {
  readonly stepsPerSecond: number
  readonly stepsPerCpuSecond: number
}

/** Calls last about this long, as in training. */
const callSeconds = 0.2

let subject: MadeUpTraining
let session: Session
let steps = 0
let perCall = 1

async function start(options: StartMessage['start']): Promise<void> {
  subject = prepare(options)
  const engine = await engineById(options.engine)
  session = await engine.compile(subject.program, { threads: options.threads })
  await session.load(subject.state)
  await session.setColumns(subject.columns)
  for (let i = 0; i < 4; i++) {
    const { stepsPerSecond: speed } = await window(0)
    if (speed < 1) break // Slow engines need no warming up.
    perCall = Math.max(1, Math.round(speed * callSeconds))
  }
  process.send?.({ ready: true })
}

/** Trains until the time is over, drawing batches and reading metrics all along. */
async function window(seconds: number): Promise<Speed> {
  const { program, rows } = subject
  const { batchSize, noise } = program
  const begin = performance.now()
  const first = steps
  const cpuBefore = process.cpuUsage()
  do {
    const request = drawRequest({ seed: 0, batchSize, rows, noise }, steps, perCall)
    const { finite } = await session.run(request)
    if (finite.includes(0)) throw new Error('the benchmark diverged')
    steps += perCall
  } while (performance.now() - begin < seconds * 1000)
  const { user, system } = process.cpuUsage(cpuBefore)
  const count = steps - first
  return {
    stepsPerSecond: (1e3 * count) / (performance.now() - begin),
    stepsPerCpuSecond: (1e6 * count) / (user + system)
  }
}

process.on('message', (message: StartMessage | WindowMessage) => {
  const work =
    'start' in message ? start(message.start) : window(message.seconds).then(speed => process.send?.(speed))
  work.catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
