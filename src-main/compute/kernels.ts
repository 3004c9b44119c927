import { type Dtype, sizeOf } from '../base/tensors.ts'
import { invariant } from '../base/errors.ts'
import type { GraphBuilder } from './graph.ts'
import type { Attrs, Op } from './ops.ts'

/** Inputs of a kernel call as node ids: by name, or by position where tfjs passes a list. */
type KernelInputs = Readonly<Record<string, number>>
/** Settings of a kernel call, as tfjs passes them. */
type KernelAttrs = Readonly<Record<string, unknown>>
/** Adds the nodes of one tfjs kernel call. */
export type Kernel = (
  builder: GraphBuilder,
  inputs: KernelInputs,
  attrs: KernelAttrs
) => number | readonly number[]

type ComputedOp = Exclude<Op, 'input' | 'constant'>

const numbers = (value: unknown): number[] => (Array.isArray(value) ? (value as number[]) : [value as number])
const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
const shapeOf = (builder: GraphBuilder, id: number): readonly number[] => builder.nodes[id].shape

const unary =
  (op: ComputedOp, attrs: (attrs: KernelAttrs) => Attrs = () => ({})): Kernel =>
  (builder, { x }, given) =>
    builder.add(op, [x], attrs(given))

const binary =
  (op: ComputedOp): Kernel =>
  (builder, { a, b }) =>
    builder.add(op, [a, b])

/** A reduction over the axes named by one of the attributes; booleans count as 0 and 1 where tfjs counts them. */
const reduce =
  (op: ComputedOp, key = 'axis'): Kernel =>
  (builder, { x }, attrs) => {
    const rank = shapeOf(builder, x).length
    const given = attrs[key] as number | readonly number[] | null | undefined
    const axes =
      given === null || given === undefined
        ? [...Array(rank).keys()]
        : numbers(given).map(axis => wrap(axis, rank))
    const counted =
      op === 'sum' && builder.nodes[x].dtype === 'bool' ? builder.add('cast', [x], { dtype: 'int32' }) : x
    return builder.add(op, [counted], {
      axes: axes.toSorted((a, b) => a - b),
      keepDims: Boolean(attrs.keepDims)
    })
  }

const argument =
  (op: ComputedOp): Kernel =>
  (builder, { x }, attrs) =>
    builder.add(op, [x], { axis: wrap(numbers(attrs.axis)[0], shapeOf(builder, x).length) })

const lastAxis =
  (op: 'softmax'): Kernel =>
  (builder, { logits }, attrs) => {
    const axis = shapeOf(builder, logits).length - 1
    invariant(
      wrap(attrs.dim as number, axis + 1) === axis,
      `${op} over axis ${String(attrs.dim)} is not the last axis`
    )
    return builder.add(op, [logits], { axis })
  }

const reshape: Kernel = (builder, { x }, { shape }) => {
  const wanted = numbers(shape)
  const known = wanted.reduce((product, size) => (size < 0 ? product : product * size), 1)
  const size = sizeOf(shapeOf(builder, x))
  return builder.add('reshape', [x], { shape: wanted.map(length => (length < 0 ? size / known : length)) })
}

const expandDims: Kernel = (builder, { input }, { dim }) => {
  const shape = shapeOf(builder, input)
  return builder.add('reshape', [input], {
    shape: shape.toSpliced(wrap(dim as number, shape.length + 1), 0, 1)
  })
}

const concat: Kernel = (builder, inputs, { axis }) => {
  const ids = Object.values(inputs)
  return builder.add('concat', ids, { axis: wrap(axis as number, shapeOf(builder, ids[0]).length) })
}

const pack: Kernel = (builder, inputs, { axis }) => {
  const rank = shapeOf(builder, Object.values(inputs)[0]).length + 1
  const at = wrap(axis as number, rank)
  const ids = Object.values(inputs).map(id =>
    builder.add('reshape', [id], { shape: shapeOf(builder, id).toSpliced(at, 0, 1) })
  )
  return builder.add('concat', ids, { axis: at })
}

function sliceAxis(builder: GraphBuilder, x: number, axis: number, from: number, length: number): number {
  const shape = shapeOf(builder, x)
  const begin = shape.map((_size, i) => (i === axis ? from : 0))
  return builder.add('slice', [x], { begin, size: shape.with(axis, length) })
}

const split: Kernel = (builder, { x }, { numOrSizeSplits, axis }) => {
  const shape = shapeOf(builder, x)
  const at = wrap(axis as number, shape.length)
  const count = numOrSizeSplits as number | number[]
  const sizes = typeof count === 'number' ? new Array<number>(count).fill(shape[at] / count) : count
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0)
  let from = 0
  return sizes.map(size => {
    const length = size < 0 ? shape[at] - known : size
    from += length
    return sliceAxis(builder, x, at, from - length, length)
  })
}

const unpack: Kernel = (builder, { value }, { axis }) => {
  const shape = shapeOf(builder, value)
  const at = wrap(axis as number, shape.length)
  return Array.from({ length: shape[at] }, (_, i) =>
    builder.add('reshape', [sliceAxis(builder, value, at, i, 1)], { shape: shape.toSpliced(at, 1) })
  )
}

const slice: Kernel = (builder, { x }, { begin, size }) => {
  const shape = shapeOf(builder, x)
  const from = numbers(begin)
  const sizes = numbers(size).map((length, axis) => (length < 0 ? shape[axis] - from[axis] : length))
  return builder.add('slice', [x], { begin: from, size: sizes })
}

const pad: Kernel = (builder, { x }, { paddings, constantValue }) => {
  const pairs = paddings as readonly (readonly [number, number])[]
  invariant(!constantValue, 'only padding with zeros is supported')
  return builder.add('pad', [x], { before: pairs.map(pair => pair[0]), after: pairs.map(pair => pair[1]) })
}

const gather: Kernel = (builder, { x, indices }, { axis, batchDims }) => {
  invariant(!batchDims, 'gather with batch dimensions is not supported')
  return builder.add('gather', [x, indices], {
    axis: wrap((axis as number | undefined) ?? 0, shapeOf(builder, x).length)
  })
}

const oneHot: Kernel = (builder, { indices }, { depth, onValue, offValue, dtype }) => {
  invariant((onValue ?? 1) === 1 && !offValue, 'one-hot values other than 1 and 0 are not supported')
  return builder.add('oneHot', [indices], { depth: depth as number, dtype: dtype as Dtype })
}

const eluGrad: Kernel = (builder, { dy, y }) => {
  const one = builder.fill(1, { shape: [], dtype: 'float32' })
  const zero = builder.fill(0, { shape: [], dtype: 'float32' })
  const slope = builder.add('select', [
    builder.add('greaterEqual', [y, zero]),
    one,
    builder.add('add', [y, one])
  ])
  return builder.add('mul', [dy, slope])
}

const isInfinite = (builder: GraphBuilder, x: number): number =>
  builder.add('equal', [builder.add('abs', [x]), builder.fill(Infinity, { shape: [], dtype: 'float32' })])

const fill: Kernel = (builder, _inputs, { shape, value, dtype }) =>
  builder.fill(value as number, { shape: numbers(shape), dtype: (dtype as Dtype | undefined) ?? 'float32' })

const range: Kernel = (builder, _inputs, { start, stop, step, dtype }) => {
  const [from, to, by] = [start, stop, step ?? 1] as number[]
  const count = Math.max(0, Math.ceil((to - from) / by))
  const values = Array.from({ length: count }, (_, i) => from + i * by)
  const data = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)
  return builder.constant(data, { shape: [count], dtype: dtype === 'int32' ? 'int32' : 'float32' })
}

/** The tfjs kernels that can be recorded, by tfjs's names. `Step` keeps its alpha: the gradient of Abs uses -1. */
export const kernels: Readonly<Record<string, Kernel>> = {
  Abs: unary('abs'),
  Add: binary('add'),
  AddN: (builder, inputs) => Object.values(inputs).reduce((sum, id) => builder.add('add', [sum, id])),
  All: reduce('all'),
  Any: reduce('any'),
  ArgMax: argument('argMax'),
  ArgMin: argument('argMin'),
  BatchMatMul: (builder, { a, b }, { transposeA, transposeB }) =>
    builder.add('matMul', [a, b], { transposeA: Boolean(transposeA), transposeB: Boolean(transposeB) }),
  BroadcastTo: unary('broadcast', ({ shape }) => ({ shape: numbers(shape) })),
  Cast: unary('cast', ({ dtype }) => ({ dtype: dtype as Dtype })),
  Ceil: unary('ceil'),
  ClipByValue: unary('clip', ({ clipValueMin, clipValueMax }) => ({
    low: clipValueMin as number,
    high: clipValueMax as number
  })),
  Concat: concat,
  Cos: unary('cos'),
  Cumsum: (builder, { x }, { axis, exclusive, reverse }) =>
    builder.add('cumsum', [x], {
      axis: wrap(axis as number, shapeOf(builder, x).length),
      exclusive: Boolean(exclusive),
      reverse: Boolean(reverse)
    }),
  Elu: unary('elu'),
  EluGrad: eluGrad,
  Equal: binary('equal'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  ExpandDims: expandDims,
  Expm1: unary('expm1'),
  Fill: fill,
  Floor: unary('floor'),
  FloorDiv: binary('floorDiv'),
  GatherV2: gather,
  Greater: binary('greater'),
  GreaterEqual: binary('greaterEqual'),
  Identity: (_builder, { x }) => x,
  IsFinite: (builder, { x }) =>
    builder.add('not', [builder.add('or', [builder.add('isNan', [x]), isInfinite(builder, x)])]),
  IsInf: (builder, { x }) => isInfinite(builder, x),
  IsNan: unary('isNan'),
  LeakyRelu: unary('leakyRelu', ({ alpha }) => ({ alpha: alpha as number })),
  Less: binary('less'),
  LessEqual: binary('lessEqual'),
  Log: unary('log'),
  Log1p: unary('log1p'),
  LogicalAnd: binary('and'),
  LogicalNot: unary('not'),
  LogicalOr: binary('or'),
  Max: reduce('max', 'reductionIndices'),
  Maximum: binary('maximum'),
  Mean: reduce('mean'),
  Min: reduce('min'),
  Minimum: binary('minimum'),
  Mod: binary('mod'),
  Multiply: binary('mul'),
  Neg: unary('neg'),
  NotEqual: binary('notEqual'),
  OneHot: oneHot,
  OnesLike: (builder, { x }) => builder.fill(1, builder.nodes[x]),
  Pack: pack,
  PadV2: pad,
  Pow: binary('pow'),
  Prod: reduce('prod'),
  Range: range,
  RealDiv: binary('div'),
  Reciprocal: unary('reciprocal'),
  Relu: unary('relu'),
  Reshape: reshape,
  Reverse: (builder, { x }, { dims }) =>
    builder.add('reverse', [x], { axes: numbers(dims).map(axis => wrap(axis, shapeOf(builder, x).length)) }),
  Round: unary('round'),
  Rsqrt: unary('rsqrt'),
  Select: (builder, { condition, t, e }) => {
    // tfjs selects whole rows by a condition of rank 1.
    const rank = shapeOf(builder, t).length
    const rows = shapeOf(builder, condition)
    const shape = [...rows, ...new Array<number>(rank - rows.length).fill(1)]
    const aligned =
      rows.length === rank || rows.length === 0 ? condition : builder.add('reshape', [condition], { shape })
    return builder.add('select', [aligned, t, e])
  },
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Slice: slice,
  Softmax: lastAxis('softmax'),
  Softplus: unary('softplus'),
  SplitV: split,
  Sqrt: unary('sqrt'),
  Square: unary('square'),
  SquaredDifference: binary('squaredDifference'),
  Step: unary('step', ({ alpha }) => ({ alpha: (alpha as number | undefined) ?? 0 })),
  Sub: binary('sub'),
  Sum: reduce('sum'),
  Tanh: unary('tanh'),
  Tile: unary('tile', ({ reps }) => ({ shape: numbers(reps) })),
  Transpose: unary('transpose', ({ perm }) => ({ axes: numbers(perm) })),
  Unpack: unpack,
  UnsortedSegmentSum: (builder, { x, segmentIds }, { numSegments }) =>
    builder.add('segmentSum', [x, segmentIds], { depth: numSegments as number }),
  ZerosLike: (builder, { x }) => builder.fill(0, builder.nodes[x])
}
