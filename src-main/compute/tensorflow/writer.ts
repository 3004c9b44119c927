import type { Dtype, NumericArray } from '../../base/tensors.ts'
import type { Attributes, TfArgument, TfFunction, TfNode, TypeName } from './proto.ts'

/** Collects the nodes of one TensorFlow function. References are `argument` or `node:output:index`. */
export class FunctionWriter {
  readonly #nodes: TfNode[] = []
  readonly #inputs: TfArgument[] = []
  readonly #effects: string[] = []
  readonly #known = new Map<string, string>()

  /** An argument; returns its reference. Names are letters, digits and underscores. */
  input(name: string, type: TypeName): string {
    this.#inputs.push({ name, type })
    return name
  }

  /**
   * Adds a node.
   * @param output the name that the op gives to its output
   * @returns the reference of the first output
   */
  node(op: string, output: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const name = `n${this.#nodes.length}`
    this.#nodes.push({ name, op, inputs, attributes })
    return `${name}:${output}:0`
  }

  /** Adds a node that is run for what it does. */
  effect(op: string, inputs: readonly string[], attributes: Attributes = {}): void {
    const name = `n${this.#nodes.length}`
    this.#nodes.push({ name, op, inputs, attributes })
    this.#effects.push(name)
  }

  /** A constant; one value fills the shape, and short equal ones are shared. */
  constant(data: NumericArray | readonly number[], shape: readonly number[], dtype: Dtype): string {
    const add = (): string =>
      this.node('Const', 'output', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, data } } })
    if (data.length > 16) return add()
    const values = Array.from(data, value => (Object.is(value, -0) ? '-0' : value)).join(',')
    const key = `${dtype} ${shape.join(',')}: ${values}`
    const name = this.#known.get(key) ?? add()
    this.#known.set(key, name)
    return name
  }

  /** A list of integers, as shapes and axes are given. */
  ints(values: readonly number[]): string {
    return this.constant(values, [values.length], 'int32')
  }

  int(value: number): string {
    return this.constant([value], [], 'int32')
  }

  /** The function with its outputs: pairs of type and reference, named `out0` and on. */
  finish(name: string, outputs: readonly { readonly type: TypeName; readonly from: string }[]): TfFunction {
    return {
      name,
      inputs: this.#inputs,
      outputs: outputs.map((output, i) => ({ ...output, name: `out${i}` })),
      nodes: this.#nodes,
      effects: this.#effects
    }
  }
}
