import * as tf from '@tensorflow/tfjs-core'
import { invariant } from '../../base/errors.ts'
import { type HostTensors, type NumericArray, sizeOf } from '../../base/tensors.ts'
import { checkColumns, checkRequest, checkTensors, type Columns } from '../check.ts'
import type { RunRequest, RunResult, Session } from '../engine.ts'
import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { stickyStates } from '../stickyStates.ts'
import { loadModel, makeTensor, onTensorflow, type Signature } from './runtime.ts'
import {
  columnInput,
  floatingNames,
  inputNames,
  lanesOf,
  type Mode,
  noiseInput,
  resultNames,
  stateInput,
  stateNames,
  trainModel
} from './trainModel.ts'

type Signatures = Readonly<Record<string, Signature>>
interface Results {
  readonly metrics: Float32Array
  readonly sums: Float32Array
  readonly endSums: Float32Array
}

/** Most steps in one call, by which XLA compiles the loop; a larger call compiles the next size. */
const capacities = [64, 512, 4096, 32_768]
let sessionCount = 0

/** A program compiled to a TensorFlow graph; state and columns stay in its variables. */
export class TensorflowSession implements Session {
  readonly #program: Program
  readonly #graph: Graph
  readonly #mode: Mode
  readonly #threads: number
  readonly #scope = `session${sessionCount++}`
  readonly #models = new Map<number, Signatures>()
  #rows = 0
  #loaded = false

  constructor(program: Program, graph: Graph, mode: Mode, threads: number) {
    this.#program = program
    this.#graph = graph
    this.#mode = mode
    this.#threads = threads
  }

  /** Compiles the form for few steps, so that mistakes show at once. */
  async open(): Promise<this> {
    await this.#model(1)
    return this
  }

  async load(state: HostTensors): Promise<void> {
    checkTensors('the state', this.#program.state, state)
    const names = stateNames(this.#program)
    this.#predict(await this.#any(), 'set', () =>
      Object.fromEntries(
        names.map((name, i) => {
          const { data, shape, dtype } = state[name]
          return [stateInput(i), makeTensor(data, shape, dtype)]
        })
      )
    )
    this.#loaded = true
  }

  async setColumns(columns: Columns): Promise<void> {
    this.#rows = checkColumns(this.#program, columns)
    const entries = Object.entries(this.#program.columns)
    if (entries.length === 0) return
    this.#predict(await this.#any(), 'columns', () =>
      Object.fromEntries(
        entries.map(([name, { width }], i) => [
          columnInput(i),
          makeTensor(columns[name], [this.#rows, width], 'float32')
        ])
      )
    )
  }

  async run(request: RunRequest): Promise<RunResult> {
    checkRequest(this.#program, this.#rows, request)
    invariant(this.#loaded, 'run was called before a state was loaded')
    const { steps } = request
    const model = await this.#model(steps)
    const results = this.#call(model, 'train', request)
    const finite = flags(this.#program, results, steps)
    const metrics = results.metrics.slice(0, steps * this.#program.metrics.length * lanesOf(this.#program))
    // A state that is finite in the end was so all along; if it is not, the steps are taken again to see where it began.
    if (results.endSums.every(Number.isFinite)) return { metrics, finite }
    return { metrics, finite: flags(this.#program, this.#call(model, 'again', request), steps) }
  }

  async read(): Promise<HostTensors> {
    const results = this.#predict(await this.#any(), 'get', () => ({}))
    const entries = stateNames(this.#program).map((name, i) => {
      return [name, { ...this.#program.state[name], data: results[stateInput(i)] }] as const
    })
    const byName = new Map(entries)
    return Object.fromEntries(Object.keys(this.#program.state).map(name => [name, byName.get(name)!]))
  }

  async close(): Promise<void> {
    onTensorflow(() => {
      for (const model of this.#models.values())
        for (const signature of Object.values(model)) signature.dispose()
    })
    this.#models.clear()
  }

  #any(): Promise<Signatures> {
    const [model] = this.#models.values()
    return model ? Promise.resolve(model) : this.#model(1)
  }

  /** The compiled form that takes so many steps; all forms share the variables by their names. */
  async #model(steps: number): Promise<Signatures> {
    const capacity = this.#mode === 'graph' ? 0 : capacityFor(steps)
    const known = this.#models.get(capacity)
    if (known) return known
    const sticky = stickyStates(this.#graph)
    const model = trainModel({
      ...{ program: this.#program, graph: this.#graph, mode: this.#mode, scope: this.#scope },
      capacity: capacity === 0 ? null : capacity,
      watched: floatingNames(this.#program).filter(name => !sticky.has(name))
    })
    const signatures = await loadModel(model, this.#threads)
    this.#models.set(capacity, signatures)
    return signatures
  }

  #call(model: Signatures, name: 'train' | 'again', request: RunRequest): Results {
    const { steps, indices, noise } = request
    const rows = this.#mode === 'graph' ? steps : capacityFor(steps)
    const { batchSize, columns, noise: noiseSpecs } = this.#program
    const results = this.#predict(model, name, () => ({
      [inputNames.steps]: makeTensor(Int32Array.of(steps), [], 'int32'),
      ...(Object.keys(columns).length > 0
        ? { [inputNames.indices]: makeTensor(padded(indices, rows * batchSize), [rows, batchSize], 'int32') }
        : {}),
      ...Object.fromEntries(
        Object.entries(noiseSpecs).map(([stream, { shape }], i) => [
          noiseInput(i),
          makeTensor(padded(noise[stream], rows * sizeOf(shape)), [rows, ...shape], 'float32')
        ])
      )
    }))
    const floats = (result: string): Float32Array => results[result] as Float32Array
    return {
      metrics: floats(resultNames.metrics),
      sums: floats(resultNames.sums),
      endSums: floats(resultNames.endSums)
    }
  }

  /** Runs a signature; tensors that go in and come out do not outlive the call. */
  #predict(
    model: Signatures,
    name: string,
    inputs: () => Readonly<Record<string, tf.Tensor>>
  ): Readonly<Record<string, NumericArray>> {
    return onTensorflow(() => {
      const fed = inputs()
      const results = model[name].predict(fed)
      const arrays = Object.fromEntries(
        Object.entries(results).map(([output, tensor]) => [output, tensor.dataSync().slice()])
      )
      tf.dispose([fed, results])
      return arrays
    })
  }
}

function capacityFor(steps: number): number {
  return capacities.find(capacity => capacity >= steps) ?? steps
}

/** The values in a longer array; what is past them is not read. */
function padded<T extends Int32Array | Float32Array>(data: T, length: number): T {
  if (data.length === length) return data
  const longer = new (data.constructor as new (length: number) => T)(length)
  longer.set(data)
  return longer
}

/** Per step and lane: 1 when the watched sums and all metrics are finite. */
function flags(program: Program, { metrics, sums }: Results, steps: number): Uint8Array {
  const lanes = lanesOf(program)
  const perStep = program.metrics.length * lanes
  const finite = Uint8Array.from(sums.subarray(0, steps * lanes), sum => Number(Number.isFinite(sum)))
  metrics.subarray(0, steps * perStep).forEach((value, i) => {
    if (!Number.isFinite(value)) finite[Math.floor(i / perStep) * lanes + (i % lanes)] = 0
  })
  return finite
}
