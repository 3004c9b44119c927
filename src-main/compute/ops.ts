import { backend_util } from '@tensorflow/tfjs-core'
import { invariant } from '../base/errors.ts'
import { type Dtype, sizeOf, type TensorSpec } from '../base/tensors.ts'

/** Settings of a node; which are present depends on its op. */
export interface Attrs {
  readonly axis?: number
  readonly axes?: readonly number[]
  readonly keepDims?: boolean
  /** Of reshape, broadcast and tile (repetitions). */
  readonly shape?: readonly number[]
  readonly begin?: readonly number[]
  readonly size?: readonly number[]
  readonly before?: readonly number[]
  readonly after?: readonly number[]
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly alpha?: number
  readonly low?: number
  readonly high?: number
  readonly dtype?: Dtype
  readonly exclusive?: boolean
  readonly reverse?: boolean
  readonly depth?: number
  readonly name?: string
  /** Of the operands of matMul where not that of the inputs; their sum is float32. */
  readonly precision?: 'bfloat16'
}

type Infer = (inputs: readonly TensorSpec[], attrs: Attrs) => TensorSpec

const spec = (shape: readonly number[], dtype: Dtype): TensorSpec => ({ shape, dtype })
const same: Infer = ([x]) => x
const broadcastShape = (a: TensorSpec, b: TensorSpec): number[] =>
  backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape])

const binary: Infer = ([a, b]) => {
  invariant(a.dtype === b.dtype, `operands of types ${a.dtype} and ${b.dtype}`)
  return spec(broadcastShape(a, b), a.dtype)
}
const compare: Infer = ([a, b]) => spec(broadcastShape(a, b), 'bool')

const reduce: Infer = ([x], { axes = [], keepDims = false }) => {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  return spec(keepDims ? kept : x.shape.filter((_size, axis) => !axes.includes(axis)), x.dtype)
}

const argument: Infer = ([x], { axis }) =>
  spec(
    x.shape.filter((_size, i) => i !== axis),
    'int32'
  )

const matMul: Infer = ([a, b], { transposeA = false, transposeB = false }) => {
  const [rows, innerA] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2)
  const [innerB, columns] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2)
  invariant(innerA === innerB, `a product over ${innerA} and ${innerB}`)
  const batch = backend_util.assertAndGetBroadcastShape([...a.shape.slice(0, -2)], [...b.shape.slice(0, -2)])
  return spec([...batch, rows, columns], a.dtype)
}

const reshape: Infer = ([x], { shape = [] }) => {
  invariant(sizeOf(shape) === sizeOf(x.shape), `[${x.shape.join(', ')}] reshaped to [${shape.join(', ')}]`)
  return spec(shape, x.dtype)
}

const concat: Infer = (inputs, { axis = 0 }) => {
  const total = inputs.reduce((sum, x) => sum + x.shape[axis], 0)
  return spec(inputs[0].shape.with(axis, total), inputs[0].dtype)
}

const gather: Infer = ([x, indices], { axis = 0 }) =>
  spec([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], x.dtype)

const select: Infer = ([condition, a, b]) =>
  spec(backend_util.assertAndGetBroadcastShape([...condition.shape], broadcastShape(a, b)), a.dtype)

/**
 * The operations of a graph, each with the shape and type of its result. `input` and `constant` stand for values from
 * outside; `step` is 1 where x > 0, NaN where x is NaN, else `alpha`.
 */
export const ops = {
  input: same,
  constant: same,
  neg: same,
  exp: same,
  log: same,
  log1p: same,
  expm1: same,
  sqrt: same,
  rsqrt: same,
  square: same,
  reciprocal: same,
  abs: same,
  sign: same,
  floor: same,
  ceil: same,
  round: same,
  sin: same,
  cos: same,
  tanh: same,
  sigmoid: same,
  softplus: same,
  erf: same,
  relu: same,
  elu: same,
  leakyRelu: same,
  step: same,
  clip: same,
  softmax: same,
  reverse: same,
  cumsum: same,
  not: same,
  isNan: ([x]) => spec(x.shape, 'bool'),
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  minimum: binary,
  maximum: binary,
  pow: binary,
  floorDiv: binary,
  mod: binary,
  squaredDifference: binary,
  and: binary,
  or: binary,
  greater: compare,
  greaterEqual: compare,
  less: compare,
  lessEqual: compare,
  equal: compare,
  notEqual: compare,
  select,
  matMul,
  sum: reduce,
  mean: reduce,
  max: reduce,
  min: reduce,
  prod: reduce,
  all: reduce,
  any: reduce,
  argMax: argument,
  argMin: argument,
  reshape,
  broadcast: ([x], { shape = [] }) => spec(shape, x.dtype),
  tile: ([x], { shape = [] }) =>
    spec(
      x.shape.map((size, axis) => size * shape[axis]),
      x.dtype
    ),
  transpose: ([x], { axes = [] }) =>
    spec(
      axes.map(axis => x.shape[axis]),
      x.dtype
    ),
  concat,
  slice: ([x], { size = [] }) => spec(size, x.dtype),
  pad: ([x], { before = [], after = [] }) =>
    spec(
      x.shape.map((size, axis) => before[axis] + size + after[axis]),
      x.dtype
    ),
  gather,
  /** Sums rows of the first input into `depth` slots named by the second: [n, ...], [n] -> [depth, ...]. */
  segmentSum: ([x], { depth = 0 }) => spec([depth, ...x.shape.slice(1)], x.dtype),
  oneHot: ([x], { depth = 0, dtype = 'float32' }) => spec([...x.shape, depth], dtype),
  cast: ([x], { dtype = x.dtype }) => spec(x.shape, dtype)
} satisfies Record<string, Infer>

export type Op = keyof typeof ops
