import { setImmediate as nextTurn } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { invariant } from '../../base/errors.ts'
import { type Dtype, floats, type HostTensors, sizeOf } from '../../base/tensors.ts'
import { checkColumns, checkRequest, checkTensors, type Columns, finiteLanes, sameShape } from '../check.ts'
import type { RunRequest, RunResult, Session } from '../engine.ts'
import { formatSpec } from '../graph.ts'
import type { Program } from '../program.ts'
import { useBackend } from './backend.ts'
import { allToDevice, toDevice, toHost } from './convert.ts'

type State = Record<string, tf.Tensor>

/** Runs a program's step op by op on a tfjs backend: the oracle for the other engines. */
export class EagerSession implements Session {
  readonly #program: Program
  readonly #backend: string
  #state: State = {}
  #columns: Columns = {}
  #rows = 0

  constructor(program: Program, backend: string) {
    this.#program = program
    this.#backend = backend
  }

  async load(state: HostTensors): Promise<void> {
    checkTensors('the state', this.#program.state, state)
    useBackend(this.#backend)
    tf.dispose(this.#state)
    this.#state = allToDevice(state)
  }

  async setColumns(columns: Columns): Promise<void> {
    this.#rows = checkColumns(this.#program, columns)
    this.#columns = columns
  }

  async run(request: RunRequest): Promise<RunResult> {
    checkRequest(this.#program, this.#rows, request)
    const lanes = this.#program.lanes ?? 1
    const count = this.#program.metrics.length * lanes
    const metrics = new Float32Array(request.steps * count)
    const finite = new Uint8Array(request.steps * lanes)
    for (let step = 0; step < request.steps; step++) {
      const values = this.#step(request, step)
      metrics.set(values, step * count)
      const state = Object.values(this.#state).map(tensor => tensor.dataSync() as Float32Array)
      finite.set(finiteLanes(lanes, values, state), step * lanes)
      await nextTurn() // A step lasts up to a second here; messages must get through between two.
    }
    return { metrics, finite }
  }

  async read(): Promise<HostTensors> {
    useBackend(this.#backend)
    const entries = Object.entries(this.#program.state)
    return Object.fromEntries(
      entries.map(([name, spec]) => [name, { ...spec, data: toHost(this.#state[name]) }])
    )
  }

  async close(): Promise<void> {
    tf.dispose(this.#state)
    this.#state = {}
    this.#columns = {}
  }

  #step(request: RunRequest, step: number): Float32Array {
    useBackend(this.#backend)
    const { state: previous, metrics } = {
      state: this.#state,
      metrics: new Float32Array(this.#program.metrics.length * (this.#program.lanes ?? 1))
    }
    this.#state = tf.tidy(() => {
      const result = this.#program.step(
        previous,
        this.#batch(request.indices, step),
        this.#noise(request, step)
      )
      this.#program.metrics.forEach((name, i) => {
        invariant(result.metrics[name], `the step of ${this.#program.id} returns no metric '${name}'`)
        metrics.set(result.metrics[name].dataSync(), i * (this.#program.lanes ?? 1))
      })
      return nextState(this.#program, result.state)
    })
    tf.dispose(previous)
    return metrics
  }

  #batch(indices: Int32Array, step: number): State {
    const { batchSize, columns } = this.#program
    const rows = indices.subarray(step * batchSize, (step + 1) * batchSize)
    const gather = (name: string, width: number): tf.Tensor => {
      const data = new Float32Array(batchSize * width)
      const column = this.#columns[name]
      rows.forEach((row, i) => data.set(column.subarray(row * width, (row + 1) * width), i * width))
      return toDevice(floats([batchSize, width], data))
    }
    return Object.fromEntries(Object.entries(columns).map(([name, { width }]) => [name, gather(name, width)]))
  }

  #noise(request: RunRequest, step: number): State {
    const slice = (name: string, shape: readonly number[]): tf.Tensor => {
      const size = sizeOf(shape)
      return toDevice(floats(shape, request.noise[name].subarray(step * size, (step + 1) * size)))
    }
    return Object.fromEntries(
      Object.entries(this.#program.noise).map(([name, { shape }]) => [name, slice(name, shape)])
    )
  }
}

/** The step's new state, checked; a tensor passed through unchanged is cloned, because the old ones are disposed. */
function nextState(program: Program, state: Readonly<State>): State {
  return Object.fromEntries(
    Object.entries(program.state).map(([name, { shape, dtype }]) => {
      const tensor = state[name]
      invariant(tensor, `the step of ${program.id} returns no state '${name}'`)
      const same = tensor.dtype === dtype && sameShape(tensor.shape, shape)
      invariant(
        same,
        `the step of ${program.id} returns '${name}' as ${formatSpec({ shape: tensor.shape, dtype: tensor.dtype as Dtype })}, expected ${formatSpec({ shape, dtype })}`
      )
      return [name, tf.clone(tensor)]
    })
  )
}
