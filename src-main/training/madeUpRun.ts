import { invariant } from '../base/errors.ts'
import type { CompileOptions, Engine, Session } from '../compute/engine.ts'
import { adaptCallSteps } from './callSteps.ts'
import { type DrawSpec, RequestDrawer } from './draws.ts'
import { madeUpTraining, type MadeUpSize } from './madeUp.ts'

/** Steps by the clock, and by the processor time of the process: the second is comparable on a busy machine too. */
export interface Speed {
  readonly stepsPerSecond: number
  readonly stepsPerCpuSecond: number
}

/** A compiled training on made-up data that goes on for as long as it is asked to, sampling and metrics included. */
export class MadeUpRun {
  readonly #session: Session
  readonly #drawer: RequestDrawer
  #steps = 0
  #perCall = 1

  /** Compiles a size on an engine and loads its data. */
  static async open(engine: Engine, size: MadeUpSize, options: CompileOptions): Promise<MadeUpRun> {
    const { program, state, columns, rows } = madeUpTraining(size)
    const session = await engine.compile(program, options)
    await session.load(state)
    await session.setColumns(columns)
    return new MadeUpRun(session, { seed: 0, batchSize: size.batchSize, rows, noise: program.noise })
  }

  private constructor(session: Session, draws: DrawSpec) {
    this.#session = session
    this.#drawer = new RequestDrawer(draws)
  }

  /** Finds the number of steps that a call takes in training. */
  async warmUp(): Promise<void> {
    for (let i = 0; i < 6; i++) {
      const before = this.#perCall
      const { stepsPerSecond } = await this.window(0)
      this.#perCall = adaptCallSteps(before, before / stepsPerSecond)
      if (this.#perCall <= before * 1.2) return
    }
  }

  /**
   * Trains until the time is over, at least one call.
   * @throws invariant when a step is not finite
   */
  async window(seconds: number): Promise<Speed> {
    const began = performance.now()
    const cpuBefore = process.cpuUsage()
    const first = this.#steps
    do {
      const request = this.#drawer.take(this.#steps, this.#perCall)
      this.#steps += this.#perCall
      const running = this.#session.run(request)
      this.#drawer.prepare(this.#steps, this.#perCall)
      const { finite } = await running
      invariant(!finite.includes(0), 'training on made-up data gave a non-finite step')
    } while (performance.now() - began < seconds * 1000)
    const count = this.#steps - first
    const { user, system } = process.cpuUsage(cpuBefore)
    return {
      stepsPerSecond: (1e3 * count) / (performance.now() - began),
      stepsPerCpuSecond: (1e6 * count) / (user + system)
    }
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
