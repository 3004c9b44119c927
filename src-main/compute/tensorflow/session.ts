import { setImmediate as nextTurn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import {
  type Execution,
  type ExecutionMode,
  executionTexts
} from '../../../src-preload/contract/execution.ts'
import { invariant, messageOf } from '../../base/errors.ts'
import { type HostTensors, type NumericArray, sizeOf } from '../../base/tensors.ts'
import { checkColumns, checkRequest, checkTensors, type Columns, finiteSteps } from '../check.ts'
import type { CompileOptions, RunRequest, RunResult, Session } from '../engine.ts'
import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { requestPart } from '../requestPart.ts'
import { stickyStates } from '../stickyStates.ts'
import { Fallback } from './fallback.ts'
import { isCompileError, loadModel, makeTensor, onTensorflow, type Signature } from './runtime.ts'
import {
  columnInput,
  floatingNames,
  inputNames,
  lanesOf,
  noiseInput,
  resultNames,
  stateInput,
  stateNames,
  trainModel
} from './trainModel.ts'

type Signatures = Readonly<Record<string, Signature>>
type Feeds = () => Readonly<Record<string, tf.Tensor>>
interface Results {
  readonly metrics: Float32Array
  readonly sums: Float32Array
  readonly endSums: Float32Array
}

export interface SessionPlan {
  readonly program: Program
  /** The step, as `traceProgram` records it. */
  readonly graph: Graph
  /** How it shall run, and why. */
  readonly execution: Execution
  readonly threads: number
  /** Gets a sentence when the mode changes. */
  readonly note?: CompileOptions['note']
  readonly runsAs?: CompileOptions['runsAs']
}

/** Bytes of indices and noise that one predict takes at most; a longer call is several. */
const longestFeedBytes = 8e6
const mostSteps = 512
const leastSteps = 8
let sessionCount = 0

/** A program compiled to a TensorFlow graph; state and columns stay in its variables. */
export class TensorflowSession implements Session {
  readonly #plan: SessionPlan
  /** Steps of one predict at most: XLA compiles the loop for buffers of this length. */
  readonly #capacity: number
  #execution: Execution
  #told = false
  #model: Signatures
  #columns: Columns = {}
  #rows = 0
  #loaded = false
  /** What XLA cannot compile runs node by node. */
  readonly #fallback: Fallback

  /** @throws Error in TensorFlow's words when the model is not accepted */
  static async open(plan: SessionPlan): Promise<TensorflowSession> {
    return new TensorflowSession(plan, await modelOf(plan, plan.execution.mode))
  }

  private constructor(plan: SessionPlan, model: Signatures) {
    this.#plan = plan
    this.#capacity = capacityOf(plan.program)
    this.#execution = plan.execution
    this.#model = model
    this.#fallback = new Fallback(plan.execution.mode === 'xla')
  }

  async load(state: HostTensors): Promise<void> {
    const { program } = this.#plan
    checkTensors('the state', program.state, state)
    this.#predict('set', () =>
      Object.fromEntries(
        stateNames(program).map((name, i) => {
          const { data, shape, dtype } = state[name]
          return [stateInput(i), makeTensor(data, shape, dtype)]
        })
      )
    )
    this.#loaded = true
  }

  async setColumns(columns: Columns): Promise<void> {
    const { program } = this.#plan
    this.#rows = checkColumns(program, columns)
    this.#columns = columns
    const entries = Object.entries(program.columns)
    if (entries.length === 0) return
    this.#predict('columns', () =>
      Object.fromEntries(
        entries.map(([name, { width }], i) => [
          columnInput(i),
          makeTensor(columns[name], [this.#rows, width], 'float32')
        ])
      )
    )
  }

  async run(request: RunRequest): Promise<RunResult> {
    const { program } = this.#plan
    checkRequest(program, this.#rows, request)
    invariant(this.#loaded, 'run was called before a state was loaded')
    const { steps } = request
    const lanes = lanesOf(program)
    const metrics = new Float32Array(steps * program.metrics.length * lanes)
    const finite = new Uint8Array(steps * lanes)
    for (let from = 0; from < steps; from += this.#capacity) {
      const count = Math.min(this.#capacity, steps - from)
      const part = await this.#part(requestPart(program, request, from, count))
      metrics.set(part.metrics, from * program.metrics.length * lanes)
      finite.set(part.finite, from * lanes)
      // A predict holds the thread; messages must get through between two.
      if (from + count < steps) await nextTurn()
    }
    return { metrics, finite }
  }

  async read(): Promise<HostTensors> {
    const { program } = this.#plan
    const results = this.#predict('get', () => ({}))
    const byName = new Map(stateNames(program).map((name, i) => [name, results[stateInput(i)]]))
    return Object.fromEntries(
      Object.entries(program.state).map(([name, spec]) => [name, { ...spec, data: byName.get(name)! }])
    )
  }

  async close(): Promise<void> {
    this.#columns = {}
    dispose(this.#model)
  }

  async #part(request: RunRequest): Promise<RunResult> {
    const { program } = this.#plan
    const results = await this.#fallback.run(
      () => this.#call('train', request),
      isCompileError,
      error => this.#useGraph(error)
    )
    this.#tell()
    const { steps } = request
    const lanes = lanesOf(program)
    const metrics = results.metrics.slice(0, steps * program.metrics.length * lanes)
    // A state that is finite in the end was so all along; if it is not, the steps are taken again to see where it began.
    const watched = results.endSums.every(Number.isFinite) ? results : this.#call('again', request)
    const sums = watched.sums.subarray(0, steps * lanes)
    return { metrics, finite: finiteSteps(lanes, metrics, sums) }
  }

  async #useGraph(error: unknown): Promise<void> {
    const state = await this.read()
    dispose(this.#model)
    this.#model = await modelOf(this.#plan, 'graph')
    const [words] = messageOf(error).split('\n')
    const reason = `XLA does not compile this step (${words.slice(0, 200)})`
    this.#execution = { mode: 'graph', reason }
    await this.load(state)
    await this.setColumns(this.#columns)
    this.#plan.note?.(`${reason}, so it runs ${executionTexts.graph}.`)
  }

  #tell(): void {
    if (!this.#told) this.#plan.runsAs?.(this.#execution)
    this.#told = true
  }

  #call(name: 'train' | 'again', { steps, indices, noise }: RunRequest): Results {
    const rows = this.#execution.mode === 'graph' ? steps : this.#capacity
    const { batchSize, columns, noise: specs } = this.#plan.program
    const feeds: Feeds = () => ({
      [inputNames.steps]: makeTensor(Int32Array.of(steps), [], 'int32'),
      ...(Object.keys(columns).length > 0
        ? { [inputNames.indices]: makeTensor(padded(indices, rows * batchSize), [rows, batchSize], 'int32') }
        : {}),
      ...Object.fromEntries(
        Object.entries(specs).map(([stream, { shape }], i) => [
          noiseInput(i),
          makeTensor(padded(noise[stream], rows * sizeOf(shape)), [rows, ...shape], 'float32')
        ])
      )
    })
    const results = this.#predict(name, feeds)
    const floats = (result: string): Float32Array => results[result] as Float32Array
    return {
      metrics: floats(resultNames.metrics),
      sums: floats(resultNames.sums),
      endSums: floats(resultNames.endSums)
    }
  }

  /** Runs a signature; tensors that go in and come out do not outlive the call. */
  #predict(name: string, feeds: Feeds): Readonly<Record<string, NumericArray>> {
    return onTensorflow(() => {
      const fed = feeds()
      const results: Record<string, tf.Tensor> = {}
      try {
        Object.assign(results, this.#model[name].predict(fed))
        return Object.fromEntries(
          Object.entries(results).map(([output, tensor]) => [output, tensor.dataSync().slice()])
        )
      } finally {
        tf.dispose([fed, results])
      }
    })
  }
}

function modelOf({ program, graph, threads }: SessionPlan, mode: ExecutionMode): Promise<Signatures> {
  const sticky = stickyStates(graph)
  const model = trainModel({
    ...{ program, graph, mode, scope: `session${sessionCount++}` },
    capacity: mode === 'graph' ? null : capacityOf(program),
    watched: floatingNames(program).filter(name => !sticky.has(name))
  })
  return loadModel(model, threads)
}

function dispose(model: Signatures): void {
  onTensorflow(() => {
    for (const signature of Object.values(model)) signature.dispose()
  })
}

function capacityOf({ batchSize, noise }: Program): number {
  const numbers = Object.values(noise).reduce((sum, { shape }) => sum + sizeOf(shape), batchSize)
  return Math.max(leastSteps, Math.min(mostSteps, Math.floor(longestFeedBytes / (4 * numbers))))
}

/** The values in an array of this length; what is past them is not read. */
function padded<T extends Int32Array | Float32Array>(data: T, length: number): T {
  if (data.length === length) return data
  const longer = new (data.constructor as new (length: number) => T)(length)
  longer.set(data)
  return longer
}
