import { sameShape } from '../check.ts'
import type { Graph, Node } from '../graph.ts'
import type { Attrs, Op } from '../ops.ts'
import type { Attributes, TypeName } from './proto.ts'
import type { FunctionWriter } from './writer.ts'

/** A node about to be written: its own spec and those of its inputs. */
interface Site {
  readonly writer: FunctionWriter
  readonly inputs: readonly string[]
  readonly sources: readonly Node[]
  readonly node: Node
  readonly attrs: Attrs
}
type Lower = (site: Site) => string

const typeOf = ({ sources }: Site): Attributes => ({ T: { type: sources[0].dtype } })
const int32 = { type: 'int32' } as const

/** An op of the same meaning whose output has a name of its own. */
const plain =
  (op: string, output: string): Lower =>
  site =>
    site.writer.node(op, output, site.inputs, typeOf(site))
const unary = (op: string): Lower => plain(op, 'y')
const binary = (op: string): Lower => plain(op, 'z')
/** Ops on booleans alone have no type attribute. */
const logical =
  (op: string, output: string): Lower =>
  ({ writer, inputs }) =>
    writer.node(op, output, inputs)

const scalar = (site: Site, value: number): string => site.writer.constant([value], [], site.sources[0].dtype)

function cast(writer: FunctionWriter, value: string, from: TypeName, to: TypeName): string {
  if (from === to) return value
  const attributes = { SrcT: { type: from }, DstT: { type: to }, Truncate: { b: false } }
  return writer.node('Cast', 'y', [value], attributes)
}

const reduce =
  (op: string, typed = true): Lower =>
  site => {
    const { writer, inputs, attrs } = site
    const axes = attrs.axes ?? []
    if (axes.length === 0) return inputs[0]
    return writer.node(op, 'output', [inputs[0], writer.ints(axes)], {
      ...(typed ? typeOf(site) : {}),
      Tidx: int32,
      keep_dims: { b: attrs.keepDims ?? false }
    })
  }

const argument =
  (op: string): Lower =>
  site =>
    site.writer.node(op, 'output', [site.inputs[0], site.writer.int(site.attrs.axis ?? 0)], {
      ...typeOf(site),
      Tidx: int32,
      output_type: int32
    })

/** A product; with reduced precision the operands are rounded and the sum is float32 again. */
const matMul: Lower = ({ writer, inputs, sources, attrs }) => {
  const { transposeA = false, transposeB = false, precision } = attrs
  const type: TypeName = precision === 'bfloat16' ? 'bfloat16' : sources[0].dtype
  const operands = inputs.map((input, i) => cast(writer, input, sources[i].dtype, type))
  const flat = sources.every(source => source.shape.length === 2)
  const product = flat
    ? writer.node('MatMul', 'product', operands, {
        ...{ T: { type }, transpose_a: { b: transposeA }, transpose_b: { b: transposeB } }
      })
    : writer.node('BatchMatMulV2', 'output', operands, {
        ...{ T: { type }, adj_x: { b: transposeA }, adj_y: { b: transposeB } }
      })
  return cast(writer, product, type, sources[0].dtype)
}

const step: Lower = site => {
  const { writer, inputs, attrs, sources, node } = site
  const positive = writer.node('Greater', 'z', [inputs[0], scalar(site, 0)], typeOf(site))
  if (!attrs.alpha) return cast(writer, positive, 'bool', node.dtype)
  const values = [scalar(site, 1), scalar(site, attrs.alpha)]
  return writer.node('SelectV2', 'output', [positive, ...values], { T: { type: sources[0].dtype } })
}

const clip: Lower = site =>
  site.writer.node(
    'ClipByValue',
    'output',
    [site.inputs[0], scalar(site, site.attrs.low ?? 0), scalar(site, site.attrs.high ?? 0)],
    typeOf(site)
  )

/** An op that takes its setting as a list of integers. */
const listed =
  (op: string, output: string, typeName: string, list: (attrs: Attrs) => readonly number[]): Lower =>
  site =>
    site.writer.node(op, output, [site.inputs[0], site.writer.ints(list(site.attrs))], {
      ...typeOf(site),
      [typeName]: int32
    })

const concat: Lower = site =>
  site.writer.node('ConcatV2', 'output', [...site.inputs, site.writer.int(site.attrs.axis ?? 0)], {
    ...typeOf(site),
    N: { i: site.inputs.length },
    Tidx: int32
  })

const slice: Lower = site => {
  const { writer, inputs, attrs } = site
  const { begin = [], size = [] } = attrs
  return writer.node('Slice', 'output', [inputs[0], writer.ints(begin), writer.ints(size)], {
    ...typeOf(site),
    Index: int32
  })
}

const pad: Lower = site => {
  const { writer, inputs, attrs } = site
  const { before = [], after = [] } = attrs
  const amounts = before.flatMap((count, axis) => [count, after[axis]])
  const paddings = writer.constant(amounts, [before.length, 2], 'int32')
  return writer.node('PadV2', 'output', [inputs[0], paddings, scalar(site, 0)], {
    ...typeOf(site),
    Tpaddings: int32
  })
}

const segmentSum: Lower = site => {
  const { writer, inputs, attrs } = site
  return writer.node('UnsortedSegmentSum', 'output', [...inputs, writer.int(attrs.depth ?? 0)], {
    ...typeOf(site),
    Tindices: int32,
    Tnumsegments: int32
  })
}

const oneHot: Lower = ({ writer, inputs, attrs, node }) => {
  const value = (number: number): string => writer.constant([number], [], node.dtype)
  return writer.node('OneHot', 'output', [inputs[0], writer.int(attrs.depth ?? 0), value(1), value(0)], {
    ...{ T: { type: node.dtype }, TI: int32, axis: { i: -1 } }
  })
}

const cumsum: Lower = site =>
  site.writer.node('Cumsum', 'out', [site.inputs[0], site.writer.int(site.attrs.axis ?? 0)], {
    ...typeOf(site),
    Tidx: int32,
    exclusive: { b: site.attrs.exclusive ?? false },
    reverse: { b: site.attrs.reverse ?? false }
  })

/** Rows along an axis; also used to pick the present step's inputs. */
export function gatherRows(
  writer: FunctionWriter,
  params: string,
  indices: string,
  type: TypeName,
  axis = 0
): string {
  return writer.node('GatherV2', 'output', [params, indices, writer.int(axis)], {
    ...{ Tparams: { type }, Tindices: int32, Taxis: int32, batch_dims: { i: 0 } }
  })
}

const table: Readonly<Record<Exclude<Op, 'input' | 'constant'>, Lower>> = {
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  log1p: unary('Log1p'),
  expm1: unary('Expm1'),
  sqrt: unary('Sqrt'),
  rsqrt: unary('Rsqrt'),
  square: unary('Square'),
  reciprocal: unary('Reciprocal'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  round: unary('Round'),
  sin: unary('Sin'),
  cos: unary('Cos'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  softplus: plain('Softplus', 'activations'),
  erf: unary('Erf'),
  relu: plain('Relu', 'activations'),
  elu: plain('Elu', 'activations'),
  leakyRelu: site =>
    site.writer.node('LeakyRelu', 'activations', site.inputs, {
      ...typeOf(site),
      alpha: { f: site.attrs.alpha ?? 0 }
    }),
  step,
  clip,
  softmax: plain('Softmax', 'softmax'),
  reverse: listed('ReverseV2', 'output', 'Tidx', ({ axes = [] }) => axes),
  cumsum,
  not: logical('LogicalNot', 'y'),
  isNan: unary('IsNan'),
  add: binary('AddV2'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('RealDiv'),
  minimum: binary('Minimum'),
  maximum: binary('Maximum'),
  pow: binary('Pow'),
  floorDiv: binary('FloorDiv'),
  mod: binary('FloorMod'),
  squaredDifference: binary('SquaredDifference'),
  and: logical('LogicalAnd', 'z'),
  or: logical('LogicalOr', 'z'),
  greater: binary('Greater'),
  greaterEqual: binary('GreaterEqual'),
  less: binary('Less'),
  lessEqual: binary('LessEqual'),
  equal: binary('Equal'),
  notEqual: binary('NotEqual'),
  select: ({ writer, inputs, node }) =>
    writer.node('SelectV2', 'output', inputs, { T: { type: node.dtype } }),
  matMul,
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: reduce('Max'),
  min: reduce('Min'),
  prod: reduce('Prod'),
  all: reduce('All', false),
  any: reduce('Any', false),
  argMax: argument('ArgMax'),
  argMin: argument('ArgMin'),
  reshape: listed('Reshape', 'output', 'Tshape', ({ shape = [] }) => shape),
  broadcast: listed('BroadcastTo', 'output', 'Tidx', ({ shape = [] }) => shape),
  tile: listed('Tile', 'output', 'Tmultiples', ({ shape = [] }) => shape),
  transpose: listed('Transpose', 'y', 'Tperm', ({ axes = [] }) => axes),
  concat,
  slice,
  pad,
  gather: site =>
    gatherRows(site.writer, site.inputs[0], site.inputs[1], site.sources[0].dtype, site.attrs.axis),
  segmentSum,
  oneHot,
  cast: ({ writer, inputs, sources, node }) => cast(writer, inputs[0], sources[0].dtype, node.dtype)
}

/**
 * Writes a graph's nodes into a TensorFlow function.
 * @param names references of the graph's inputs
 * @returns the references of the graph's outputs
 */
export function lowerGraph(
  graph: Graph,
  writer: FunctionWriter,
  names: Readonly<Record<string, string>>
): Record<string, string> {
  const written: string[] = []
  for (const node of graph.nodes) {
    const masked = maskedByRelu(graph, node)
    if (masked) written.push(reluGradient(writer, ...masked.map(id => written[id])))
    else if (node.op === 'input') written.push(names[node.attrs.name ?? ''])
    else if (node.op === 'constant') written.push(writer.constant(node.data ?? [], node.shape, node.dtype))
    else {
      const inputs = node.inputs.map(id => written[id])
      const sources = node.inputs.map(id => graph.nodes[id])
      written.push(table[node.op]({ writer, inputs, sources, node, attrs: node.attrs }))
    }
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, written[id]]))
}

/** The gradient and the ReLU's result where a node multiplies a gradient by a ReLU's mask; null for any other node. */
function maskedByRelu({ nodes }: Graph, { op, inputs, shape, dtype }: Node): readonly number[] | null {
  if (op !== 'mul' || dtype !== 'float32') return null
  for (const side of [0, 1]) {
    const mask = nodes[inputs[side]]
    const gradient = inputs[1 - side]
    const ofRelu = mask.op === 'step' && !mask.attrs.alpha && nodes[mask.inputs[0]].op === 'relu'
    const same = sameShape(mask.shape, shape) && sameShape(nodes[gradient].shape, shape)
    if (ofRelu && same) return [gradient, mask.inputs[0]]
  }
  return null
}

/** One pass over memory, where comparing, casting and multiplying are three. A mask that nothing else reads is pruned. */
const reluGradient = (writer: FunctionWriter, ...inputs: readonly string[]): string =>
  writer.node('ReluGrad', 'backprops', inputs, { T: { type: 'float32' } })
