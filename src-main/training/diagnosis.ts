import type { TrainingView } from '../algorithms/algorithm.ts'
import { fillIntegers } from '../base/random.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { Callable, CompileOptions, Engine } from '../compute/engine.ts'
import type { Program } from '../compute/program.ts'
import { diagnosisFunction, type Method, programColumns } from './buildProgram.ts'
import type { DerivedValues } from './snapshot.ts'

/** A part of the data with its derived columns. */
export interface Part {
  readonly view: TrainingView
  readonly derived: DerivedValues
}

/** What a practitioner judges by, on the last training rows and on as many held-out rows drawn with replacement. */
export class Diagnosis {
  readonly #call: Callable
  readonly #names: readonly string[]
  readonly #program: Program
  readonly #seed: number

  private constructor(call: Callable, names: readonly string[], program: Program, seed: number) {
    this.#call = call
    this.#names = names
    this.#program = program
    this.#seed = seed
  }

  static async open(
    method: Method,
    program: Program,
    seed: number,
    engine: Engine,
    options: CompileOptions
  ): Promise<Diagnosis> {
    const fn = diagnosisFunction(method, program)
    return new Diagnosis(await engine.compileFunction(fn, options), fn.outputs, program, seed)
  }

  /**
   * Diagnoses a state.
   * @param lastRows rows of the last minibatch, [batchSize]
   * @returns values under `train/...` and, with held-out data, `heldOut/...`
   */
  async values(
    step: number,
    state: HostTensors,
    training: Part,
    lastRows: Int32Array,
    heldOut: Part | null
  ): Promise<Record<string, number>> {
    await this.#call.bind(state)
    const values = await this.#on('train', training, lastRows)
    if (!heldOut || heldOut.view.rowCount === 0) return values
    const rows = new Int32Array(this.#program.batchSize)
    fillIntegers(rows, heldOut.view.rowCount, { seed: this.#seed, stream: 'diagnosis/heldOut', step })
    return { ...values, ...(await this.#on('heldOut', heldOut, rows)) }
  }

  async #on(prefix: string, part: Part, rows: Int32Array): Promise<Record<string, number>> {
    const outputs = await this.#call.call(gatherRows(this.#program, part, rows))
    return Object.fromEntries(this.#names.map(name => [`${prefix}/${name}`, outputs[name][0]]))
  }

  close(): Promise<void> {
    return this.#call.close()
  }
}

/** The batch that a step sees for the given rows: every column of the program, [rows, width]. */
export function gatherRows(program: Program, part: Part, rows: Int32Array): Record<string, Float32Array> {
  const columns = programColumns(program, part.view, part.derived)
  return Object.fromEntries(
    Object.entries(program.columns).map(([name, { width }]) => {
      const batch = new Float32Array(rows.length * width)
      rows.forEach((row, i) => batch.set(columns[name].subarray(row * width, (row + 1) * width), i * width))
      return [name, batch]
    })
  )
}
