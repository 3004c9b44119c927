import { invariant } from '../../base/errors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import { allFinite, checkColumns, checkRequest, checkTensors, type Columns, finiteSteps } from '../check.ts'
import type { RunRequest, RunResult, Session } from '../engine.ts'
import type { Program } from '../program.ts'
import { loopNames, metricName, nextName } from './loop.ts'
import type { OrtSession, OrtTensor } from './runtime.ts'
import { copyIn, copyOut, int64, wrap } from './tensors.ts'

type Feeds = Record<string, OrtTensor>

/** The compiled forms of one program. */
export interface OnnxProgram {
  readonly session: OrtSession
  /** Compiles the form that watches every state tensor at every step; needed only once something went wrong. */
  compileWatchful(): Promise<OrtSession>
}

/** A program compiled to an ONNX Loop; the state stays in the runtime's memory between calls. */
export class OnnxSession implements Session {
  readonly #program: Program
  readonly #compiled: OnnxProgram
  #state: Feeds = {}
  #columns: Feeds = {}
  #rows = 0

  constructor(program: Program, compiled: OnnxProgram) {
    this.#program = program
    this.#compiled = compiled
  }

  async load(state: HostTensors): Promise<void> {
    checkTensors('the state', this.#program.state, state)
    const names = Object.keys(this.#program.state)
    this.#state = Object.fromEntries(names.map(name => [`state/${name}`, copyIn(state[name])]))
  }

  async setColumns(columns: Columns): Promise<void> {
    this.#rows = checkColumns(this.#program, columns)
    this.#columns = Object.fromEntries(
      Object.entries(this.#program.columns).map(([name, { width }]) => {
        return [`columns/${name}`, wrap(columns[name], [this.#rows, width], 'float32')]
      })
    )
  }

  async run(request: RunRequest): Promise<RunResult> {
    const { state } = this.#program
    checkRequest(this.#program, this.#rows, request)
    invariant(
      Object.keys(this.#state).length === Object.keys(state).length,
      'run was called before a state was loaded'
    )
    const feeds = { ...this.#state, ...this.#columns, ...this.#inputs(request) }
    const results = await this.#compiled.session.run(feeds)
    this.#state = Object.fromEntries(
      Object.keys(state).map(name => [`state/${name}`, results[nextName(name)]])
    )
    const metrics = this.#metrics(results, request.steps)
    const finite = flags(this.#program, metrics, results)
    // A state that is finite in the end was so all along; if it is not, the steps are taken again to see where it began.
    return this.#stateIsFinite()
      ? { metrics, finite }
      : { metrics, finite: await this.#watch(feeds, metrics) }
  }

  #stateIsFinite(): boolean {
    return Object.values(this.#state).every(
      ({ type, data }) => type !== 'float32' || allFinite(data as Float32Array)
    )
  }

  async #watch(feeds: Feeds, metrics: Float32Array): Promise<Uint8Array> {
    const watchful = await this.#compiled.compileWatchful()
    try {
      return flags(this.#program, metrics, await watchful.run(feeds))
    } finally {
      await watchful.release()
    }
  }

  async read(): Promise<HostTensors> {
    const entries = Object.entries(this.#program.state)
    return Object.fromEntries(
      entries.map(([name, spec]) => [name, copyOut(this.#state[`state/${name}`], spec)])
    )
  }

  async close(): Promise<void> {
    this.#state = {}
    this.#columns = {}
    await this.#compiled.session.release()
  }

  /** Metrics step by step, [K, metrics], from one column each. */
  #metrics(results: Readonly<Feeds>, steps: number): Float32Array {
    const { metrics: names, lanes = 1 } = this.#program
    const metrics = new Float32Array(steps * names.length * lanes)
    names.forEach((name, i) => {
      const column = results[metricName(name)].data as Float32Array
      for (let step = 0; step < steps; step++) {
        const at = (step * names.length + i) * lanes
        for (let lane = 0; lane < lanes; lane++) metrics[at + lane] = column[step * lanes + lane]
      }
    })
    return metrics
  }

  #inputs({ steps, indices, noise }: RunRequest): Feeds {
    const feeds: Feeds = { [loopNames.steps]: int64(steps) }
    if (Object.keys(this.#program.columns).length > 0) {
      feeds[loopNames.indices] = wrap(indices, [steps, this.#program.batchSize], 'int32')
    }
    for (const [name, { shape }] of Object.entries(this.#program.noise)) {
      feeds[`noise/${name}`] = wrap(noise[name], [steps, ...shape], 'float32')
    }
    return feeds
  }
}

const flags = ({ lanes = 1 }: Program, metrics: Float32Array, results: Readonly<Feeds>): Uint8Array =>
  finiteSteps(lanes, metrics, results[loopNames.sums].data as Float32Array)
