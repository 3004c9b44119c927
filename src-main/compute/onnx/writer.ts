import type { NumericArray } from '../../base/tensors.ts'
import type { OnnxAttribute, OnnxConstant, OnnxDtype, OnnxNode } from './proto.ts'

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>

/** Collects ONNX nodes and constants under fresh names. */
export class OnnxWriter {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxConstant[] = []
  readonly #prefix: string
  readonly #known = new Map<string, string>()
  #count = 0

  /** @param prefix starts every name made here */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Adds a node with one output and returns the output's name. */
  node(op: string, inputs: readonly string[], attributes: OnnxAttributes = {}, domain?: string): string {
    const output = this.#fresh()
    this.nodes.push({ op, inputs, outputs: [output], attributes, ...(domain ? { domain } : {}) })
    return output
  }

  /** Gives a value another name. */
  rename(from: string, to: string): void {
    this.nodes.push({ op: 'Identity', inputs: [from], outputs: [to], attributes: {} })
  }

  /** Adds a constant; one value fills the shape. */
  constant(data: NumericArray | readonly number[], shape: readonly number[], dtype: OnnxDtype): string {
    const name = this.#fresh()
    this.constants.push({ name, dtype, shape, data })
    return name
  }

  /** A short constant, shared by all that ask for the same one. */
  shared(data: readonly number[], shape: readonly number[], dtype: OnnxDtype): string {
    const key = `${dtype} ${shape.join(',')}: ${data.map(value => (Object.is(value, -0) ? '-0' : value)).join(',')}`
    const name = this.#known.get(key) ?? this.constant(data, shape, dtype)
    this.#known.set(key, name)
    return name
  }

  /** A list of integers, as shapes and axes are given. */
  ints(values: readonly number[]): string {
    return this.shared(values, [values.length], 'int64')
  }

  #fresh(): string {
    return `${this.#prefix}${this.#count++}`
  }
}
