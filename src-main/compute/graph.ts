import { messageOf } from '../base/errors.ts'
import type { Dtype, NumericArray, TensorSpec } from '../base/tensors.ts'
import { type Attrs, type Op, ops } from './ops.ts'

/** One value: its op, the ids of the nodes it is computed from, its shape and type. */
export interface Node {
  readonly op: Op
  readonly inputs: readonly number[]
  readonly attrs: Attrs
  readonly shape: readonly number[]
  readonly dtype: Dtype
  /** Values of a constant: all of them, or one that fills the shape. */
  readonly data?: NumericArray
}

/** A pure function as nodes in an order in which each comes after its inputs; a node's id is its position. */
export interface Graph {
  readonly nodes: readonly Node[]
  /** Ids of the named results. */
  readonly outputs: Readonly<Record<string, number>>
}

/** Grows a graph node by node, inferring and checking shapes and types. */
export class GraphBuilder {
  readonly nodes: Node[] = []

  /** A value from outside. */
  input(name: string, { shape, dtype }: TensorSpec): number {
    return this.#push({ op: 'input', inputs: [], attrs: { name }, shape, dtype })
  }

  /** A fixed value; many equal numbers are kept as one. */
  constant(data: NumericArray, { shape, dtype }: TensorSpec): number {
    const splat = data.length > 1 && data.every(value => Object.is(value, data[0]))
    return this.#push({
      op: 'constant',
      inputs: [],
      attrs: {},
      shape,
      dtype,
      data: data.slice(0, splat ? 1 : data.length)
    })
  }

  /** A fixed value with one number everywhere. */
  fill(value: number, { shape, dtype }: TensorSpec): number {
    const Array = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
    return this.constant(Array.of(value), { shape, dtype })
  }

  /**
   * A computed value.
   * @throws Error naming the op when shapes or types do not fit
   */
  add(op: Exclude<Op, 'input' | 'constant'>, inputs: readonly number[], attrs: Attrs = {}): number {
    const specs = inputs.map(id => this.nodes[id])
    try {
      const { shape, dtype } = ops[op](specs, attrs)
      return this.#push({ op, inputs, attrs, shape, dtype })
    } catch (error) {
      throw new Error(`${op} of ${specs.map(formatSpec).join(', ')}: ${messageOf(error)}`, { cause: error })
    }
  }

  /** A copy of a node of another graph on inputs of this one. */
  copy(node: Node, inputs: readonly number[]): number {
    if (node.op === 'input' || node.op === 'constant') return this.#push(node)
    return this.add(node.op, inputs, node.attrs)
  }

  #push(node: Node): number {
    return this.nodes.push(node) - 1
  }
}

/** What a pass does with a node whose inputs are already rewritten: the id of its replacement, or null to keep it. */
export type Rewrite = (node: Node, inputs: readonly number[], builder: GraphBuilder) => number | null

/** Rebuilds a graph from its inputs to its outputs, replacing nodes on the way. */
export function rewrite(graph: Graph, visit: Rewrite): Graph {
  const builder = new GraphBuilder()
  const replaced: number[] = []
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(id => replaced[id])
    replaced.push(visit(node, inputs, builder) ?? builder.copy(node, inputs))
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, replaced[id]]))
  return { nodes: builder.nodes, outputs }
}

/** The size over which a matrix product sums. */
export function summedSize({ inputs, attrs }: Node, { nodes }: Graph): number {
  const left = nodes[inputs[0]].shape
  return left[left.length - (attrs.transposeA ? 2 : 1)]
}

/** The one number that fills a constant, or null. */
export function splatOf(node: Node): number | null {
  return node.op === 'constant' && node.data?.length === 1 ? node.data[0] : null
}

/** The graph as text, one node a line: `7 matMul(3, 5) float32 [256, 64] transposeB=true`. */
export function formatGraph(graph: Graph): string {
  const lines = graph.nodes.map((node, id) => {
    const attrs = Object.entries(node.attrs).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    const value = node.data?.length === 1 ? ` = ${node.data[0]}` : ''
    return `${id} ${node.op}(${node.inputs.join(', ')}) ${formatSpec(node)}${value}${attrs.join('')}`
  })
  const outputs = Object.entries(graph.outputs).map(([name, id]) => `${name} <- ${id}`)
  return [...lines, ...outputs].join('\n')
}

/** A shape and type for messages: `float32 [64, 3]`. */
export function formatSpec({ dtype, shape }: TensorSpec): string {
  return `${dtype} [${shape.join(', ')}]`
}
