import type { Dtype } from '../../base/tensors.ts'
import type { Graph, Node } from '../graph.ts'
import type { Attrs, Op } from '../ops.ts'
import type { OnnxWriter } from './writer.ts'

/** A node about to be written: its own spec and those of its inputs. */
interface Site {
  readonly writer: OnnxWriter
  readonly inputs: readonly string[]
  readonly sources: readonly Node[]
  readonly node: Node
  readonly attrs: Attrs
}
type Lower = (site: Site) => string

/** ONNX element type numbers that Cast takes. */
const castTypes: Readonly<Record<Dtype, number>> = { float32: 1, int32: 6, bool: 9 }
const double = 11

const plain =
  (op: string): Lower =>
  ({ writer, inputs }) =>
    writer.node(op, inputs)

const scalar = (site: Site, value: number, dtype: Dtype = site.sources[0].dtype): string =>
  site.writer.shared([value], [], dtype)
const cast = (site: Site, value: string, dtype: Dtype): string =>
  site.writer.node('Cast', [value], { to: castTypes[dtype] })

/** Reductions take their axes as an input; no axes means nothing to do. */
const reduce =
  (op: string): Lower =>
  ({ writer, inputs, attrs }) =>
    writer.node(op, [inputs[0], writer.ints(attrs.axes ?? [])], {
      keepdims: Number(attrs.keepDims ?? false),
      noop_with_empty_axes: 1
    })

/**
 * The gradient of a bias sums over rows; a product with ones does that several times faster than ReduceSum. A row that is not
 * finite shows in either.
 */
const sum: Lower = site => {
  const { writer, inputs, sources, attrs, node } = site
  const [rows, columns] = sources[0].shape
  const overRows = sources[0].shape.length === 2 && attrs.axes?.length === 1 && attrs.axes[0] === 0
  if (!overRows || node.dtype !== 'float32' || rows < 2 || columns < 2) return reduce('ReduceSum')(site)
  const total = writer.node('MatMul', [writer.shared([1], [1, rows], 'float32'), inputs[0]])
  return attrs.keepDims ? total : writer.node('Reshape', [total, writer.ints([columns])])
}

/** Reductions of booleans go by way of integers. */
const reduceBool =
  (op: string): Lower =>
  site =>
    cast(site, reduce(op)({ ...site, inputs: [cast(site, site.inputs[0], 'int32')] }), 'bool')

const argument =
  (op: string): Lower =>
  site => {
    const index = site.writer.node(op, [site.inputs[0]], { axis: site.attrs.axis ?? 0, keepdims: 0 })
    return cast(site, index, 'int32')
  }

const matMul: Lower = ({ writer, inputs, sources, attrs }) => {
  const { transposeA = false, transposeB = false } = attrs
  if (!transposeA && !transposeB) return writer.node('MatMul', inputs)
  if (sources.every(source => source.shape.length === 2)) {
    return writer.node('Gemm', inputs, { transA: Number(transposeA), transB: Number(transposeB) })
  }
  const swapped = inputs.map((input, i) => {
    const rank = sources[i].shape.length
    const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2]
    return (i === 0 ? transposeA : transposeB) ? writer.node('Transpose', [input], { perm }) : input
  })
  return writer.node('MatMul', swapped)
}

/** exp(x) - 1 without cancellation: tanh(x / 2) (exp(x) + 1). */
const expm1: Lower = site => {
  const { writer, inputs } = site
  const half = writer.node('Tanh', [writer.node('Mul', [inputs[0], scalar(site, 0.5)])])
  return writer.node('Mul', [half, writer.node('Add', [writer.node('Exp', inputs), scalar(site, 1)])])
}

/** log(1 + x): 2 atanh(x / (2 + x)) where x is small enough to cancel. */
const log1p: Lower = site => {
  const { writer, inputs } = site
  const ratio = writer.node('Div', [inputs[0], writer.node('Add', [inputs[0], scalar(site, 2)])])
  const small = writer.node('Mul', [writer.node('Atanh', [ratio]), scalar(site, 2)])
  const large = writer.node('Log', [writer.node('Add', [inputs[0], scalar(site, 1)])])
  return writer.node('Where', [writer.node('Greater', [inputs[0], scalar(site, 1)]), large, small])
}

/** Integers divide in float64, which holds them all. */
const floorDiv: Lower = ({ writer, inputs, node }) => {
  if (node.dtype === 'float32') return writer.node('Floor', [writer.node('Div', inputs)])
  const [a, b] = inputs.map(input => writer.node('Cast', [input], { to: double }))
  return writer.node('Cast', [writer.node('Floor', [writer.node('Div', [a, b])])], {
    to: castTypes[node.dtype]
  })
}

/** min(max(x * slope, 0), 1) is 1 for every positive normal number and costs less than a comparison and a cast. */
const steepest = 3e38

const step: Lower = site => {
  const { writer, inputs, attrs, node } = site
  if (!attrs.alpha && node.dtype === 'float32') {
    return writer.node('HardSigmoid', inputs, { alpha: float(steepest), beta: float(0) })
  }
  const positive = writer.node('Greater', [inputs[0], scalar(site, 0)])
  if (!attrs.alpha) return cast(site, positive, node.dtype)
  return writer.node('Where', [positive, scalar(site, 1), scalar(site, attrs.alpha)])
}

/** ONNX cuts a slice's end to the axis; larger than any length. */
const endOfAxis = 2 ** 31 - 1

const slice: Lower = ({ writer, inputs, attrs }) => {
  const { begin = [], size = [] } = attrs
  const ends = begin.map((from, axis) => Math.min(from + size[axis], endOfAxis))
  return writer.node('Slice', [
    inputs[0],
    writer.ints(begin),
    writer.ints(ends),
    writer.ints([...begin.keys()])
  ])
}

const reverse: Lower = ({ writer, inputs, attrs }) => {
  const axes = attrs.axes ?? []
  const every = (value: number): string => writer.ints(axes.map(() => value))
  return writer.node('Slice', [inputs[0], every(-1), every(-(2 ** 31)), writer.ints(axes), every(-1)])
}

const cumsum: Lower = ({ writer, inputs, attrs }) =>
  writer.node('CumSum', [inputs[0], writer.shared([attrs.axis ?? 0], [], 'int64')], {
    exclusive: Number(attrs.exclusive ?? false),
    reverse: Number(attrs.reverse ?? false)
  })

/** Compares with 0, 1 ... so that an index outside gives zeros, as in tfjs. */
function oneHotOf(site: Site, indices: string, rank: number, dtype: Dtype): string {
  const { writer, attrs } = site
  const depth = attrs.depth ?? 0
  const slots = writer.shared([...Array(depth).keys()], [depth], 'int32')
  const column = writer.node('Unsqueeze', [indices, writer.ints([rank])])
  return cast(site, writer.node('Equal', [column, slots]), dtype)
}

/** A product with the one-hot matrix, which sums in a fixed order. */
const segmentSum: Lower = site => {
  const { writer, inputs, sources, node } = site
  const rows = sources[0].shape[0]
  const flat = writer.node('Reshape', [inputs[0], writer.ints([rows, -1])])
  const hot = oneHotOf(site, inputs[1], 1, 'float32')
  return writer.node('Reshape', [writer.node('Gemm', [hot, flat], { transA: 1 }), writer.ints(node.shape)])
}

const float = (value: number): { float: number } => ({ float: value })
const shaped =
  (op: string): Lower =>
  ({ writer, inputs, attrs }) =>
    writer.node(op, [inputs[0], writer.ints(attrs.shape ?? [])])

const table: Readonly<Record<Exclude<Op, 'input' | 'constant'>, Lower>> = {
  neg: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  log1p,
  expm1,
  sqrt: plain('Sqrt'),
  rsqrt: ({ writer, inputs }) => writer.node('Reciprocal', [writer.node('Sqrt', inputs)]),
  square: ({ writer, inputs }) => writer.node('Mul', [inputs[0], inputs[0]]),
  reciprocal: plain('Reciprocal'),
  abs: plain('Abs'),
  sign: plain('Sign'),
  floor: plain('Floor'),
  ceil: plain('Ceil'),
  round: plain('Round'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  softplus: plain('Softplus'),
  erf: plain('Erf'),
  relu: plain('Relu'),
  elu: plain('Elu'),
  leakyRelu: ({ writer, inputs, attrs }) =>
    writer.node('LeakyRelu', inputs, { alpha: float(attrs.alpha ?? 0) }),
  step,
  clip: site =>
    site.writer.node('Clip', [
      site.inputs[0],
      scalar(site, site.attrs.low ?? 0),
      scalar(site, site.attrs.high ?? 0)
    ]),
  softmax: ({ writer, inputs, attrs }) => writer.node('Softmax', inputs, { axis: attrs.axis ?? -1 }),
  reverse,
  cumsum,
  not: plain('Not'),
  isNan: plain('IsNaN'),
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  minimum: plain('Min'),
  maximum: plain('Max'),
  pow: plain('Pow'),
  floorDiv,
  mod: site => {
    const { writer, inputs } = site
    return writer.node('Sub', [inputs[0], writer.node('Mul', [floorDiv(site), inputs[1]])])
  },
  squaredDifference: ({ writer, inputs }) => {
    const difference = writer.node('Sub', inputs)
    return writer.node('Mul', [difference, difference])
  },
  and: plain('And'),
  or: plain('Or'),
  greater: plain('Greater'),
  greaterEqual: plain('GreaterOrEqual'),
  less: plain('Less'),
  lessEqual: plain('LessOrEqual'),
  equal: plain('Equal'),
  notEqual: ({ writer, inputs }) => writer.node('Not', [writer.node('Equal', inputs)]),
  select: plain('Where'),
  matMul,
  sum,
  mean: reduce('ReduceMean'),
  max: reduce('ReduceMax'),
  min: reduce('ReduceMin'),
  prod: reduce('ReduceProd'),
  all: reduceBool('ReduceMin'),
  any: reduceBool('ReduceMax'),
  argMax: argument('ArgMax'),
  argMin: argument('ArgMin'),
  reshape: shaped('Reshape'),
  broadcast: shaped('Expand'),
  tile: shaped('Tile'),
  transpose: ({ writer, inputs, attrs }) => writer.node('Transpose', inputs, { perm: attrs.axes ?? [] }),
  concat: ({ writer, inputs, attrs }) => writer.node('Concat', inputs, { axis: attrs.axis ?? 0 }),
  slice,
  pad: ({ writer, inputs, attrs }) =>
    writer.node('Pad', [inputs[0], writer.ints([...(attrs.before ?? []), ...(attrs.after ?? [])])]),
  gather: ({ writer, inputs, attrs }) => writer.node('Gather', inputs, { axis: attrs.axis ?? 0 }),
  segmentSum,
  oneHot: site => oneHotOf(site, site.inputs[0], site.sources[0].shape.length, site.node.dtype),
  cast: site => cast(site, site.inputs[0], site.node.dtype)
}

/**
 * Writes a graph's nodes as ONNX nodes.
 * @param writer receives the nodes and constants
 * @param names ONNX names of the graph's inputs
 * @returns the ONNX names of the graph's outputs
 */
export function lowerGraph(
  graph: Graph,
  writer: OnnxWriter,
  names: Readonly<Record<string, string>>
): Record<string, string> {
  const written: string[] = []
  for (const node of graph.nodes) {
    if (node.op === 'input') written.push(names[node.attrs.name ?? ''])
    else if (node.op === 'constant') written.push(lowerConstant(writer, node))
    else {
      const inputs = node.inputs.map(id => written[id])
      const sources = node.inputs.map(id => graph.nodes[id])
      written.push(table[node.op]({ writer: writer, inputs, sources, node, attrs: node.attrs }))
    }
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, written[id]]))
}

function lowerConstant(writer: OnnxWriter, node: Node): string {
  const data = node.data ?? []
  if (data.length === 1 && node.shape.length < 2) return writer.shared([data[0]], node.shape, node.dtype)
  return writer.constant(data, node.shape, node.dtype)
}
