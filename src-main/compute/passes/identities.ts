import { sameShape } from '../check.ts'
import { type Graph, type GraphBuilder, type Node, rewrite, splatOf } from '../graph.ts'
import type { Op } from '../ops.ts'

/** A node with its inputs as they now are, and what they are. */
interface Site {
  readonly node: Node
  readonly inputs: readonly number[]
  readonly sources: readonly Node[]
  readonly builder: GraphBuilder
}
type Simplify = (site: Site) => number | null

const isSplat = (node: Node, value: number): boolean => Object.is(splatOf(node), value)

/** x when the other operand changes nothing; broadcast where the other operand's shape decides. */
const dropNeutral =
  (neutral: number, sides: readonly (0 | 1)[]): Simplify =>
  ({ node, inputs, sources, builder }) => {
    const side = sides.find(side => isSplat(sources[side], neutral))
    if (side === undefined) return null
    const [kept, source] = [inputs[1 - side], sources[1 - side]]
    return sameShape(source.shape, node.shape)
      ? kept
      : builder.add('broadcast', [kept], { shape: node.shape })
  }

const keepIf =
  (nothingToDo: (node: Node, source: Node) => boolean): Simplify =>
  ({ node, inputs, sources }) =>
    nothingToDo(node, sources[0]) ? inputs[0] : null

const unchangedShape = keepIf((node, source) => sameShape(node.shape, source.shape))

/** Two steps that one can do. */
const merge =
  (op: Op, combine: (site: Site) => number): Simplify =>
  site =>
    site.sources[0].op === op ? combine(site) : null

const firstOf =
  (...rules: readonly Simplify[]): Simplify =>
  site => {
    for (const rule of rules) {
      const id = rule(site)
      if (id !== null) return id
    }
    return null
  }

const dropReshapes = merge('reshape', ({ node, sources, builder }) =>
  builder.add('reshape', [sources[0].inputs[0]], { shape: node.shape })
)

const composeTransposes = merge('transpose', ({ node, sources, builder }) => {
  const inner = sources[0].attrs.axes ?? []
  return builder.add('transpose', [sources[0].inputs[0]], {
    axes: (node.attrs.axes ?? []).map(axis => inner[axis])
  })
})

/** a + (-b) is a - b, and a - (-b) is a + b, bit for bit. */
const absorbNegation =
  (op: 'add' | 'sub'): Simplify =>
  ({ inputs: [a], sources: [, b], builder }) =>
    b.op === 'neg' ? builder.add(op, [a, b.inputs[0]]) : null

/** A reduction over axes of length 1 only drops them. */
const dropUnitAxes: Simplify = ({ node, inputs, sources, builder }) => {
  const axes = node.attrs.axes ?? []
  if (!axes.every(axis => sources[0].shape[axis] === 1)) return null
  return builder.add('reshape', [inputs[0]], { shape: node.shape })
}

/** Parts of one value, in order and without gaps, put together again are that value. */
const rejoinSlices: Simplify = ({ node, sources, builder }) => {
  const { axis = 0 } = node.attrs
  const whole = sources[0].inputs[0]
  let at = 0
  for (const { op, inputs, attrs, shape } of sources) {
    if (op !== 'slice' || inputs[0] !== whole) return null
    if (!(attrs.begin ?? []).every((begin, i) => begin === (i === axis ? at : 0))) return null
    at += shape[axis]
  }
  return sameShape(builder.nodes[whole].shape, node.shape) ? whole : null
}

const rules: Partial<Record<Op, Simplify>> = {
  mul: dropNeutral(1, [0, 1]),
  div: dropNeutral(1, [1]),
  // x + 0 turns -0 into 0, so only x + (-0) leaves every x as it is; sums of gradients start from 0, where that does not matter.
  add: firstOf(dropNeutral(0, [0, 1]), dropNeutral(-0, [0, 1]), absorbNegation('sub')),
  sub: firstOf(dropNeutral(0, [1]), absorbNegation('add')),
  neg: merge('neg', ({ sources }) => sources[0].inputs[0]),
  cast: keepIf((node, source) => node.dtype === source.dtype),
  reshape: firstOf(unchangedShape, dropReshapes),
  broadcast: unchangedShape,
  tile: unchangedShape,
  slice: unchangedShape,
  pad: unchangedShape,
  concat: firstOf(({ inputs }) => (inputs.length === 1 ? inputs[0] : null), rejoinSlices),
  transpose: firstOf(
    keepIf(node => (node.attrs.axes ?? []).every((axis, i) => axis === i)),
    composeTransposes
  ),
  sum: dropUnitAxes,
  mean: dropUnitAxes,
  max: dropUnitAxes,
  min: dropUnitAxes
}

/** Removes operations that change nothing, and merges pairs that one operation can do. */
export function removeIdentities(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    const sources = inputs.map(id => builder.nodes[id])
    return rules[node.op]?.({ node, inputs, sources, builder }) ?? null
  })
}
