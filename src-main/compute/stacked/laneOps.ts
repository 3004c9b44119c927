import { invariant } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'
import type { GraphBuilder, Node } from '../graph.ts'
import { elementwise } from '../passes/elementwise.ts'
import type { Op } from '../ops.ts'

/** A value in a stacked graph: its node, and whether it has the lanes as leading axis or is the same for all. */
export interface LaneValue {
  readonly id: number
  readonly perLane: boolean
}

/** A node of one lane's graph, about to be added for all lanes; at least one of its inputs differs between lanes. */
interface Site {
  readonly builder: GraphBuilder
  readonly lanes: number
  readonly node: Node
  readonly inputs: readonly LaneValue[]
}
type Stack = (site: Site) => number

type ComputedOp = Exclude<Op, 'input' | 'constant'>
const shapeOf = (builder: GraphBuilder, id: number): readonly number[] => builder.nodes[id].shape
const after = (axes: readonly number[]): number[] => axes.map(axis => axis + 1)

/** The value with axes of length 1 behind the lanes, so that it broadcasts as it does in one lane. */
function aligned({ builder }: Site, { id, perLane }: LaneValue, rank: number): number {
  const [lanes, ...shape] = shapeOf(builder, id)
  if (!perLane || shape.length >= rank) return id
  const ones = new Array<number>(rank - shape.length).fill(1)
  return builder.add('reshape', [id], { shape: [lanes, ...ones, ...shape] })
}

/** The value with the lanes as leading axis, repeated if it is the same for all. */
function perLane({ builder, lanes }: Site, { id, perLane }: LaneValue): number {
  return perLane ? id : builder.add('broadcast', [id], { shape: [lanes, ...shapeOf(builder, id)] })
}

const computed = ({ op }: Node): ComputedOp => op as ComputedOp

/** Operands broadcast against each other. */
const broadcasting: Stack = site => {
  const { builder, node, inputs } = site
  return builder.add(
    computed(node),
    inputs.map(input => aligned(site, input, node.shape.length)),
    node.attrs
  )
}

const overAxis: Stack = ({ builder, node, inputs }) =>
  builder.add(computed(node), [inputs[0].id], { ...node.attrs, axis: (node.attrs.axis ?? 0) + 1 })

const overAxes: Stack = ({ builder, node, inputs }) =>
  builder.add(computed(node), [inputs[0].id], { ...node.attrs, axes: after(node.attrs.axes ?? []) })

/** Numbers that a processor adds at once at most. */
const packet = 16

/**
 * Sums over the whole of each lane. Engines add several numbers at once, from an aligned address on; zeros behind them give every lane
 * the same alignment, so that a sum does not depend on the lane's place.
 */
const sum: Stack = site => {
  const { builder, node, inputs, lanes } = site
  const count = sizeOf(shapeOf(builder, inputs[0].id).slice(1))
  const whole = sizeOf(node.shape) === 1 && node.dtype === 'float32'
  if (!whole || count % packet === 0) return overAxes(site)
  const flat = builder.add('reshape', [inputs[0].id], { shape: [lanes, count] })
  const zeros = packet - (count % packet)
  const filled = builder.add('pad', [flat], { before: [0, 0], after: [0, zeros] })
  const sums = builder.add('sum', [filled], { axes: [1], keepDims: false })
  return node.shape.length === 0 ? sums : builder.add('reshape', [sums], { shape: [lanes, ...node.shape] })
}

/** Products lane by lane; against a matrix that all lanes share, the rows of all lanes make one product. */
const matMul: Stack = site => {
  const { builder, node, inputs, lanes } = site
  const [a, b] = inputs
  const { transposeA } = node.attrs
  const [rows, inner] = shapeOf(builder, a.id).slice(-2)
  if (!b.perLane && !transposeA && node.shape.length === 2) {
    const flat = builder.add('reshape', [a.id], { shape: [lanes * rows, inner] })
    const product = builder.add('matMul', [flat, b.id], node.attrs)
    return builder.add('reshape', [product], { shape: [lanes, ...node.shape] })
  }
  const ranked = inputs.map(input => stacked(site, input, node.shape.length))
  return builder.add('matMul', ranked, node.attrs)
}

/** An operand of a product with a leading axis for the lanes, of length 1 where all share it. */
function stacked(site: Site, input: LaneValue, rank: number): number {
  if (input.perLane) return aligned(site, input, rank)
  const shape = shapeOf(site.builder, input.id)
  const ones = new Array<number>(rank + 1 - shape.length).fill(1)
  return site.builder.add('reshape', [input.id], { shape: [...ones, ...shape] })
}

const reshape: Stack = ({ builder, node, inputs, lanes }) =>
  builder.add('reshape', [inputs[0].id], { shape: [lanes, ...node.shape] })

const broadcast: Stack = site => {
  const { builder, node, inputs, lanes } = site
  const id = aligned(site, inputs[0], node.shape.length)
  return builder.add('broadcast', [id], { shape: [lanes, ...node.shape] })
}

const tile: Stack = ({ builder, node, inputs }) =>
  builder.add('tile', [inputs[0].id], { shape: [1, ...(node.attrs.shape ?? [])] })

const transpose: Stack = ({ builder, node, inputs }) =>
  builder.add('transpose', [inputs[0].id], { axes: [0, ...after(node.attrs.axes ?? [])] })

const concat: Stack = site =>
  site.builder.add(
    'concat',
    site.inputs.map(input => perLane(site, input)),
    { axis: (site.node.attrs.axis ?? 0) + 1 }
  )

const slice: Stack = ({ builder, node, inputs, lanes }) =>
  builder.add('slice', [inputs[0].id], {
    begin: [0, ...(node.attrs.begin ?? [])],
    size: [lanes, ...node.shape]
  })

const pad: Stack = ({ builder, node, inputs }) =>
  builder.add('pad', [inputs[0].id], {
    before: [0, ...(node.attrs.before ?? [])],
    after: [0, ...(node.attrs.after ?? [])]
  })

/** Positions in the rows of all lanes one after another: those of lane r start at r * count. */
function offsets({ builder, lanes }: Site, rank: number, count: number): number {
  const data = Int32Array.from({ length: lanes }, (_, lane) => lane * count)
  return builder.constant(data, { shape: [lanes, ...new Array<number>(rank).fill(1)], dtype: 'int32' })
}

function moved(builder: GraphBuilder, id: number, from: number, to: number): number {
  if (from === to) return id
  const axes = [...shapeOf(builder, id).keys()]
  axes.splice(to, 0, ...axes.splice(from, 1))
  return builder.add('transpose', [id], { axes })
}

const gather: Stack = site => {
  const { builder, node, inputs, lanes } = site
  const [x, indices] = inputs
  const { axis = 0 } = node.attrs
  if (!indices.perLane) return builder.add('gather', [x.id, indices.id], { axis: axis + 1 })
  if (!x.perLane) return moved(builder, builder.add('gather', [x.id, indices.id], { axis }), axis, 0)
  // Rows of all lanes one after another, [lanes * n, ...], so that one gather serves all.
  const front = moved(builder, x.id, axis + 1, 1)
  const [, count, ...rest] = shapeOf(builder, front)
  const rows = builder.add('reshape', [front], { shape: [lanes * count, ...rest] })
  const rank = shapeOf(builder, indices.id).length - 1
  const positions = builder.add('add', [indices.id, offsets(site, rank, count)])
  let id = builder.add('gather', [rows, positions], { axis: 0 })
  // The axes before the gathered one go back in front of those of the indices.
  for (let i = 0; i < axis; i++) id = moved(builder, id, 1 + rank + i, 1 + i)
  return id
}

/** Slots of all lanes one after another; an id outside its lane's slots is dropped, as in one lane. */
const segmentSum: Stack = site => {
  const { builder, node, inputs, lanes } = site
  const { depth = 0 } = node.attrs
  const [x, ids] = inputs.map(input => perLane(site, input))
  const shape = shapeOf(builder, x)
  const number = (value: number): number => builder.fill(value, { shape: [], dtype: 'int32' })
  const inside = builder.add('and', [
    builder.add('greaterEqual', [ids, number(0)]),
    builder.add('less', [ids, number(depth)])
  ])
  const slots = builder.add('select', [
    inside,
    builder.add('add', [ids, offsets(site, 1, depth)]),
    builder.fill(-1, { shape: shapeOf(builder, ids), dtype: 'int32' })
  ])
  const flat = builder.add('reshape', [x], { shape: [sizeOf(shape.slice(0, 2)), ...shape.slice(2)] })
  const flatSlots = builder.add('reshape', [slots], { shape: [sizeOf(shape.slice(0, 2))] })
  const sums = builder.add('segmentSum', [flat, flatSlots], { depth: lanes * depth })
  return builder.add('reshape', [sums], { shape: [lanes, ...node.shape] })
}

const table: Readonly<Partial<Record<Op, Stack>>> = {
  softmax: overAxis,
  cumsum: overAxis,
  argMax: overAxis,
  argMin: overAxis,
  reverse: overAxes,
  mean: overAxes,
  max: overAxes,
  min: overAxes,
  prod: overAxes,
  all: overAxes,
  any: overAxes,
  oneHot: ({ builder, node, inputs }) => builder.add('oneHot', [inputs[0].id], node.attrs),
  ...{ sum, matMul, reshape, broadcast, tile, transpose, concat, slice, pad, gather, segmentSum }
}

/**
 * Adds a node of one lane's graph for all lanes.
 * @param inputs at least one of them per lane
 * @returns the id of [lanes, ...shape of the node]
 */
export function stackNode(
  builder: GraphBuilder,
  lanes: number,
  node: Node,
  inputs: readonly LaneValue[]
): number {
  const stack = table[node.op] ?? (elementwise.has(node.op) ? broadcasting : null)
  invariant(stack, `no rule stacks '${node.op}' over lanes`)
  return stack({ builder, lanes, node, inputs })
}
