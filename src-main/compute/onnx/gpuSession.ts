import { invariant } from '../../base/errors.ts'
import { floats, type HostTensors, sizeOf } from '../../base/tensors.ts'
import { checkColumns, checkRequest, checkTensors, type Columns } from '../check.ts'
import type { RunRequest, RunResult, Session } from '../engine.ts'
import type { Program } from '../program.ts'
import { requestPart } from '../requestPart.ts'
import type { DeviceMemory } from './deviceMemory.ts'
import { nextName } from './loop.ts'
import type { OrtSession, OrtTensor } from './runtime.ts'
import { wrap } from './tensors.ts'
import { reportShape, unrolledNames } from './unrolled.ts'

type Tensors = Readonly<Record<string, OrtTensor>>

/** How the steps of a program are compiled for a provider. */
export interface GpuProgram {
  /** Steps of the long form; what is left over of a call is taken by a quarter of that, and then one by one. */
  readonly steps: number
  readonly memory: DeviceMemory
  /** Columns are built into the models, for providers whose input tensors cross at every call. */
  readonly resident: boolean
  /**
   * @param watchful watches every state tensor at every step
   * @param resident the columns to build in; null when they are fed
   */
  compile(steps: number, watchful: boolean, resident: Columns | null): Promise<OrtSession>
}

/** Results of consecutive steps. */
interface Taken {
  readonly state: Tensors
  /** [K, metrics + 1, lanes] */
  readonly report: Float32Array
  /** False when the state in the end of any part is not finite. */
  readonly finite: boolean
}

/**
 * A program whose steps are unrolled in blocks. State and columns stay on the device where the provider allows it, and a report of
 * metrics is all that comes back.
 */
export class GpuSession implements Session {
  readonly #program: Program
  readonly #compiled: GpuProgram
  readonly #forms = new Map<number, Promise<OrtSession>>()
  #state: Tensors = {}
  #columns: Tensors = {}
  #resident: Columns | null = null
  #rows = 0

  constructor(program: Program, compiled: GpuProgram) {
    this.#program = program
    this.#compiled = compiled
  }

  async load(state: HostTensors): Promise<void> {
    checkTensors('the state', this.#program.state, state)
    const put = await this.#compiled.memory.put(state)
    await this.#compiled.memory.free(this.#state)
    this.#state = put
  }

  async setColumns(columns: Columns): Promise<void> {
    const { memory, resident } = this.#compiled
    this.#rows = checkColumns(this.#program, columns)
    const own = Object.entries(this.#program.columns).map(([name, { width }]) => {
      return [name, floats([this.#rows, width], columns[name])] as const
    })
    if (resident) {
      await this.#releaseForms()
      this.#resident = Object.fromEntries(own.map(([name, { data }]) => [name, data as Float32Array]))
    } else {
      const put = await memory.put(Object.fromEntries(own))
      await memory.free(this.#columns)
      this.#columns = put
    }
    await this.#form(this.#compiled.steps)
  }

  async run(request: RunRequest): Promise<RunResult> {
    checkRequest(this.#program, this.#rows, request)
    const loaded = Object.keys(this.#state).length === Object.keys(this.#program.state).length
    invariant(loaded, 'run was called before a state was loaded')
    const before = this.#state
    const taken = await this.#take(request, before, steps => this.#form(steps))
    // A state that is finite in the end was so all along; if it is not, the steps are taken again to see where it began.
    const finite = taken.finite ? this.#flags(taken.report) : await this.#watch(request, before, taken)
    this.#state = taken.state
    await this.#compiled.memory.free(before)
    return { metrics: this.#metrics(taken.report), finite }
  }

  async read(): Promise<HostTensors> {
    return this.#compiled.memory.get(this.#state, this.#program.state)
  }

  async close(): Promise<void> {
    const { memory } = this.#compiled
    await memory.free(this.#state)
    await memory.free(this.#columns)
    this.#state = {}
    this.#columns = {}
    await this.#releaseForms()
  }

  #form(steps: number): Promise<OrtSession> {
    const known = this.#forms.get(steps)
    if (known !== undefined) return known
    const created = this.#compiled.compile(steps, false, this.#resident)
    this.#forms.set(steps, created)
    return created
  }

  async #releaseForms(): Promise<void> {
    const forms = await Promise.allSettled(this.#forms.values())
    this.#forms.clear()
    for (const form of forms) if (form.status === 'fulfilled') await form.value.release()
  }

  /** Takes all steps of a request; gives back every state on the way but the first and the last. */
  async #take(
    request: RunRequest,
    before: Tensors,
    formOf: (steps: number) => Promise<OrtSession>
  ): Promise<Taken> {
    const width = sizeOf(reportShape(this.#program))
    const report = new Float32Array(request.steps * width)
    let state = before
    let finite = true
    try {
      for (let step = 0; step < request.steps;) {
        const block = blockFor(request.steps - step, this.#compiled.steps)
        const session = await formOf(block)
        const results = await session.run({ ...keyed(state), ...this.#inputs(request, step, block) })
        report.set(results[unrolledNames.report].data as Float32Array, step * width)
        finite &&= Number.isFinite(results[unrolledNames.total].data[0])
        if (state !== before) await this.#compiled.memory.free(state)
        state = Object.fromEntries(
          Object.keys(this.#program.state).map(name => [name, results[nextName(name)]])
        )
        step += block
      }
    } catch (error) {
      if (state !== before) await this.#compiled.memory.free(state)
      throw error
    }
    return { state, report, finite }
  }

  async #watch(request: RunRequest, before: Tensors, { report }: Taken): Promise<Uint8Array> {
    const session = await this.#compiled.compile(1, true, this.#resident)
    try {
      const one = (from: number): RunRequest => requestPart(this.#program, request, from, 1)
      const width = sizeOf(reportShape(this.#program))
      const watched = new Float32Array(report.length)
      let state = before
      for (let step = 0; step < request.steps; step++) {
        const taken = await this.#take(one(step), state, async () => session)
        watched.set(taken.report, step * width)
        if (state !== before) await this.#compiled.memory.free(state)
        state = taken.state
      }
      if (state !== before) await this.#compiled.memory.free(state)
      return this.#flags(watched)
    } finally {
      await session.release()
    }
  }

  #inputs(request: RunRequest, from: number, steps: number): Record<string, OrtTensor> {
    const { columns, batchSize, noise: specs } = this.#program
    const { indices, noise } = requestPart(this.#program, request, from, steps)
    const inputs: Record<string, OrtTensor> = {}
    for (const [name, tensor] of Object.entries(this.#columns)) inputs[`columns/${name}`] = tensor
    if (Object.keys(columns).length > 0)
      inputs[unrolledNames.indices] = wrap(indices, [steps, batchSize], 'int32')
    for (const [name, { shape }] of Object.entries(specs)) {
      inputs[`noise/${name}`] = wrap(noise[name], [steps, ...shape], 'float32')
    }
    return inputs
  }

  /** [K, metrics, lanes] of a report. */
  #metrics(report: Float32Array): Float32Array {
    const [count, lanes] = reportShape(this.#program)
    const steps = report.length / (count * lanes)
    const metrics = new Float32Array(steps * (count - 1) * lanes)
    for (let step = 0; step < steps; step++) {
      const from = step * count * lanes
      metrics.set(report.subarray(from, from + (count - 1) * lanes), step * (count - 1) * lanes)
    }
    return metrics
  }

  /** [K, lanes] of a report: 1 where the metrics and the watched sum are finite. */
  #flags(report: Float32Array): Uint8Array {
    const [count, lanes] = reportShape(this.#program)
    const finite = new Uint8Array(report.length / count).fill(1)
    report.forEach((value, i) => {
      if (!Number.isFinite(value)) finite[Math.floor(i / (count * lanes)) * lanes + (i % lanes)] = 0
    })
    return finite
  }
}

/** Steps of the form to take next: the longest that fits. */
const blockFor = (left: number, longest: number): number =>
  [longest, longest / 4].find(steps => steps <= left) ?? 1

const keyed = (state: Tensors): Tensors =>
  Object.fromEntries(Object.entries(state).map(([name, tensor]) => [`state/${name}`, tensor]))
