/**
 * A process that trains one subject on one engine for as long as it is asked to; messages in and out:
 * `{ start }` -> `Started`, then each `{ seconds }` or `{ steps }` -> a `Speed`.
 */
import type { Precision } from '../../src-preload/contract/precision.ts'
import { engineById } from '../../src-main/compute/index.ts'
import type { Session } from '../../src-main/compute/engine.ts'
import { drawRequest, RequestDrawer } from '../../src-main/training/draws.ts'
import type { MadeUpTraining } from '../../src-main/training/madeUp.ts'
import { openVariant, type PassEngine } from './passVariants.ts'
import { prepare, type Subject } from './subject.ts'

export interface StartMessage {
  readonly start: Subject & {
    readonly engine: string
    readonly threads: number
    readonly precision: Precision
  }
}
/** A window of so many seconds, or of exactly so many steps. */
export type WindowMessage = { readonly seconds: number } | { readonly steps: number }

export interface Started {
  /** From the start of the process to the end of the first call. */
  readonly startedSeconds: number
  /** Recording, passes, lowering, and what the runtime does before the first call. */
  readonly compileSeconds: number
  /** The first call, of one step. */
  readonly firstCallSeconds: number
  /** Processor time of both. */
  readonly startCpuSeconds: number
}

/** Steps by the clock, and by the processor time of the process: the second is comparable on a busy machine too. */
export interface Speed {
  readonly stepsPerSecond: number
  readonly stepsPerCpuSecond: number
  /** Resident memory of the process after the window; absent for peers. */
  readonly memoryBytes?: number
}

/** Calls last about this long, as in training. */
const callSeconds = 0.2

let subject: MadeUpTraining
let session: Session
let drawer: RequestDrawer
let steps = 0
let perCall = 1

async function start(options: StartMessage['start']): Promise<Started> {
  subject = prepare(options)
  const { program, rows, state, columns } = subject
  const engine = await engineById(options.engine)
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  session =
    options.variant === undefined
      ? await engine.compile(program, { threads: options.threads, precision: options.precision })
      : await openVariant(options.engine as PassEngine, program, options.variant)
  const compiled = performance.now()
  await session.load(state)
  await session.setColumns(columns)
  const { batchSize, noise } = program
  const draws = { seed: 0, batchSize, rows, noise }
  const loaded = performance.now()
  await session.run(drawRequest(draws, steps++, 1))
  const called = performance.now() // Counts from the start of the process.
  const { user, system } = process.cpuUsage(cpuBefore)
  drawer = new RequestDrawer(draws)
  await warmUp()
  return {
    startedSeconds: called / 1e3,
    compileSeconds: (compiled - began) / 1e3,
    firstCallSeconds: (called - loaded) / 1e3,
    startCpuSeconds: (user + system) / 1e6
  }
}

async function warmUp(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    const { stepsPerSecond: speed } = await window({ seconds: 0 })
    if (speed < 1) break // Slow engines need no warming up.
    perCall = Math.max(1, Math.min(4096, Math.round(speed * callSeconds)))
  }
}

/** Trains until time or steps are over, drawing the next batches meanwhile and reading metrics, as training does. */
async function window(asked: WindowMessage): Promise<Speed> {
  const begin = performance.now()
  const first = steps
  const cpuBefore = process.cpuUsage()
  const isOver = (): boolean =>
    'steps' in asked ? steps - first >= asked.steps : performance.now() - begin >= asked.seconds * 1000
  do {
    const count = 'steps' in asked ? Math.min(perCall, asked.steps - (steps - first)) : perCall
    const running = session.run(drawer.take(steps, count))
    drawer.prepare(steps + count, count)
    if ((await running).finite.includes(0)) throw new Error('the benchmark diverged')
    steps += count
  } while (!isOver())
  const { user, system } = process.cpuUsage(cpuBefore)
  const count = steps - first
  return {
    stepsPerSecond: (1e3 * count) / (performance.now() - begin),
    stepsPerCpuSecond: (1e6 * count) / (user + system),
    memoryBytes: process.memoryUsage.rss()
  }
}

process.on('message', (message: StartMessage | WindowMessage) => {
  const work = 'start' in message ? start(message.start) : window(message)
  work.then(
    answer => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    }
  )
})
process.on('disconnect', () => process.exit(0))
