import type { EvaluateRows, Tensors, TrainingView } from '../algorithms/algorithm.ts'
import { invariant } from '../base/errors.ts'
import { type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import type { Callable, CompileOptions, Engine } from '../compute/engine.ts'
import { derivedOf, type Method } from './buildProgram.ts'
import { withOutputNames } from './outputNames.ts'
import type { DerivedValues } from './snapshot.ts'

type RowFunction = (params: Tensors, rows: Tensors) => Tensors
type Rows = Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>

/** Rows of one compiled call; the last chunk is filled up with zeros. */
const chunkRows = 1024

/** Runs row functions over whole datasets, each compiled once under its name. */
export class RowEvaluator {
  readonly #engine: Engine
  readonly #options: CompileOptions
  readonly #compiled = new Map<string, Promise<{ call: Callable; outputs: readonly string[] }>>()

  constructor(engine: Engine, options: CompileOptions) {
    this.#engine = engine
    this.#options = options
  }

  /** An `EvaluateRows` with the given state as parameters; at most one may be in use at a time. */
  with(state: HostTensors): EvaluateRows {
    return async (name, fn, rows) => {
      const compiled = this.#compiled.get(name) ?? this.#compile(name, fn, rows, state)
      this.#compiled.set(name, compiled)
      const { call, outputs } = await compiled
      await call.bind(state)
      return inChunks(call, outputs, rows)
    }
  }

  async #compile(name: string, fn: RowFunction, rows: Rows, state: HostTensors) {
    const compiled = await withOutputNames(
      { id: name, params: specsOf(state), inputs: inputSpecs(rows, chunkRows), fn },
      state
    )
    return { call: await this.#engine.compileFunction(compiled, this.#options), outputs: compiled.outputs }
  }

  async close(): Promise<void> {
    for (const compiled of this.#compiled.values()) await (await compiled).call.close()
    this.#compiled.clear()
  }
}

const inputSpecs = (rows: Rows, count: number): TensorSpecs =>
  Object.fromEntries(
    Object.entries(rows).map(([name, { width }]) => [name, { shape: [count, width], dtype: 'float32' }])
  )

async function inChunks(
  call: Callable,
  outputs: readonly string[],
  rows: Rows
): Promise<Record<string, Float32Array>> {
  const [first] = Object.values(rows)
  invariant(first, 'a row function needs at least one input column')
  const count = first.data.length / first.width
  const results: Record<string, Float32Array> = {}
  for (let start = 0; start < count; start += chunkRows) {
    const end = Math.min(count, start + chunkRows)
    const chunk = Object.entries(rows).map(([name, column]) => [name, chunkOf(column, start, end)] as const)
    const values = await call.call(Object.fromEntries(chunk))
    for (const name of outputs) {
      const width = values[name].length / chunkRows
      results[name] ??= new Float32Array(count * width)
      results[name].set(values[name].subarray(0, (end - start) * width), start * width)
    }
  }
  return results
}

function chunkOf({ width, data }: Rows[string], start: number, end: number): Float32Array {
  if (end - start === chunkRows) return data.subarray(start * width, end * width)
  const filled = new Float32Array(chunkRows * width)
  filled.set(data.subarray(start * width, end * width))
  return filled
}

/** The derived columns of one part of the data under the given state; none for algorithms without. */
export async function deriveColumns(
  method: Method,
  view: TrainingView,
  state: HostTensors,
  evaluator: RowEvaluator
): Promise<DerivedValues> {
  const derived = derivedOf(method)
  if (!derived) return {}
  const columns = await derived.compute(view, evaluator.with(state))
  for (const [name, width] of Object.entries(derived.widths)) {
    const length = columns[name]?.length
    invariant(
      length === view.rowCount * width,
      `derived column '${name}' has ${length} values for ${view.rowCount} rows`
    )
  }
  return columns
}
