import { type NumericArray, sizeOf, type TensorSpec } from '../../base/tensors.ts'
import { type Graph, GraphBuilder, type Node } from '../graph.ts'

/** What keeps graphs from being trained as one: they do different things, not the same with other numbers. */
export class NotStackable extends Error {}

/** One graph that stands for several, with the numbers in which they differ as further inputs. */
export interface CommonGraph {
  readonly graph: Graph
  /** Inputs of the graph by name: shape and type in one lane, and the values lane by lane. */
  readonly laneInputs: Readonly<Record<string, TensorSpec & { readonly data: NumericArray }>>
}

interface Merging {
  readonly builder: GraphBuilder
  readonly laneInputs: Record<string, TensorSpec & { readonly data: NumericArray }>
}

/**
 * The graph that all given graphs are up to the values of constants and clip bounds; these become inputs.
 * @throws NotStackable naming the first node in which they differ otherwise
 */
export function commonGraph(graphs: readonly Graph[]): CommonGraph {
  const [first, ...others] = graphs
  for (const other of others) checkAlike(first, other)
  const merging: Merging = { builder: new GraphBuilder(), laneInputs: {} }
  const ids: number[] = []
  first.nodes.forEach((node, id) => {
    const alike = graphs.map(graph => graph.nodes[id])
    const inputs = node.inputs.map(input => ids[input])
    ids.push(mergeNode(merging, alike, inputs))
  })
  const outputs = Object.fromEntries(Object.entries(first.outputs).map(([name, id]) => [name, ids[id]]))
  return { graph: { nodes: merging.builder.nodes, outputs }, laneInputs: merging.laneInputs }
}

function checkAlike(one: Graph, other: Graph): void {
  if (one === other) return
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  if (one.nodes.length !== other.nodes.length || !same(one.outputs, other.outputs))
    throw new NotStackable(
      `their steps have ${one.nodes.length} and ${other.nodes.length} operations, so they are different computations`
    )
  one.nodes.forEach((node, id) => {
    if (!same(formOf(node), formOf(other.nodes[id])))
      throw new NotStackable(
        `operation ${id} of their steps is ${node.op} [${node.shape.join(', ')}] in one and ` +
          `${other.nodes[id].op} [${other.nodes[id].shape.join(', ')}] in another, or has other settings`
      )
  })
}

/** All of a node that lanes must have in common. */
function formOf({ op, inputs, shape, dtype, attrs }: Node): unknown {
  const { low, high, ...rest } = attrs
  return [op, inputs, shape, dtype, op === 'clip' ? rest : { ...rest, low, high }]
}

function mergeNode(merging: Merging, alike: readonly Node[], inputs: readonly number[]): number {
  const { builder } = merging
  const [node] = alike
  if (node.op === 'constant' && !alike.every(other => sameData(node, other)))
    return laneConstant(merging, alike)
  if (node.op === 'clip' && !alike.every(({ attrs }) => sameBounds(attrs, node.attrs))) {
    const bound = (key: 'low' | 'high'): number =>
      laneInput(
        merging,
        { shape: [], dtype: node.dtype },
        alike.map(({ attrs }) => [attrs[key]!])
      )
    return builder.add('minimum', [builder.add('maximum', [inputs[0], bound('low')]), bound('high')])
  }
  return builder.copy(node, inputs)
}

const sameBounds = (a: Node['attrs'], b: Node['attrs']): boolean =>
  Object.is(a.low, b.low) && Object.is(a.high, b.high)

function sameData({ data: a }: Node, { data: b }: Node): boolean {
  if (a === b || !a || !b) return a === b
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]))
}

/** A constant of other values in each lane; one number that fills the shape stays one number. */
function laneConstant(merging: Merging, alike: readonly Node[]): number {
  const [{ shape, dtype }] = alike
  const data = alike.map(node => node.data ?? [])
  if (data.every(({ length }) => length === 1)) {
    const id = laneInput(merging, { shape: [], dtype }, data)
    return shape.length === 0 ? id : merging.builder.add('broadcast', [id], { shape })
  }
  const size = sizeOf(shape)
  const full = data.map(values => (values.length === size ? values : new Array<number>(size).fill(values[0])))
  return laneInput(merging, { shape, dtype }, full)
}

function laneInput({ builder, laneInputs }: Merging, spec: TensorSpec, lanes: readonly ArrayLike<number>[]) {
  const name = `lane/${Object.keys(laneInputs).length}`
  const all = lanes.flatMap(values => Array.from(values))
  const { dtype } = spec
  const data =
    dtype === 'float32'
      ? Float32Array.from(all)
      : dtype === 'int32'
        ? Int32Array.from(all)
        : Uint8Array.from(all)
  laneInputs[name] = { ...spec, data }
  return builder.input(name, spec)
}
