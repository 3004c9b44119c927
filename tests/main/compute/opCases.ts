import * as tf from '@tensorflow/tfjs-core'
import { normals } from './programs.ts'

/** One op in use: its float inputs, and what is computed from them. */
export interface OpCase {
  readonly name: string
  readonly shapes: readonly (readonly number[])[]
  readonly fn: (...inputs: tf.Tensor[]) => tf.Tensor
  /** Maps standard normals into the op's domain. */
  readonly domain?: (x: number) => number
  /** False for ops without a gradient. */
  readonly gradient?: false
}

const positive = (x: number): number => Math.abs(x) + 0.1
const vector = [7]
const matrix = [5, 3]

const unary = (name: string, fn: (x: tf.Tensor) => tf.Tensor, domain?: (x: number) => number): OpCase => ({
  name,
  shapes: [matrix],
  fn,
  ...(domain && { domain })
})
const flat = (name: string, fn: (x: tf.Tensor) => tf.Tensor): OpCase => ({
  name,
  shapes: [matrix],
  fn,
  gradient: false
})
const binary = (name: string, fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OpCase[] => [
  { name, shapes: [matrix, matrix], fn },
  { name: `${name}, broadcasting rows`, shapes: [matrix, [3]], fn },
  {
    name: `${name}, broadcasting both`,
    shapes: [
      [5, 1],
      [1, 3]
    ],
    fn
  },
  { name: `${name}, with a scalar`, shapes: [[], matrix], fn }
]
/** tfjs's gradients of these do not broadcast. */
const elementPair = (name: string, fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OpCase[] =>
  binary(name, fn).map((op, i) => (i === 0 ? op : { ...op, gradient: false }))
const compare = (name: string, fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OpCase => ({
  name,
  shapes: [matrix, [3]],
  // Rounding to halves makes equal pairs.
  fn: (a, b) => tf.cast(fn(tf.round(tf.mul(a, 2)), tf.round(tf.mul(b, 2))), 'float32'),
  gradient: false
})
const reductions = (
  name: string,
  fn: (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor
): OpCase[] => [
  { name: `${name} of all`, shapes: [matrix], fn: x => fn(x) },
  { name: `${name} over rows`, shapes: [matrix], fn: x => fn(x, 0) },
  { name: `${name} over columns, kept`, shapes: [matrix], fn: x => fn(x, -1, true) },
  { name: `${name} over two axes`, shapes: [[2, 3, 4]], fn: x => fn(x, [0, 2]) }
]

const checkers = tf.tensor2d(
  Array.from({ length: 15 }, (_, i) => i % 2),
  [5, 3],
  'bool'
)
const ids = tf.tensor1d([4, 0, 0, 2], 'int32')

export const opCases: readonly OpCase[] = [
  ...binary('add', tf.add),
  ...binary('sub', tf.sub),
  ...binary('mul', tf.mul),
  ...binary('div', tf.div).map(op => ({ ...op, domain: (x: number) => Math.abs(x) + 0.5 })),
  ...elementPair('minimum', tf.minimum),
  ...elementPair('maximum', tf.maximum),
  ...elementPair('squaredDifference', tf.squaredDifference),
  { name: 'pow', shapes: [matrix, matrix], fn: tf.pow, domain: positive },
  { name: 'pow 3', shapes: [matrix], fn: x => tf.pow(x, 3) },
  { name: 'floorDiv', shapes: [matrix, [3]], fn: tf.floorDiv, gradient: false },
  { name: 'mod', shapes: [matrix, [3]], fn: tf.mod, gradient: false },
  unary('neg', tf.neg),
  unary('exp', tf.exp),
  unary('log', tf.log, positive),
  unary('log1p', tf.log1p, positive),
  unary('log1p of tiny values', tf.log1p, x => 1e-5 * x),
  unary('expm1', tf.expm1),
  unary('expm1 of tiny values', tf.expm1, x => 1e-5 * x),
  unary('sqrt', tf.sqrt, positive),
  unary('rsqrt', tf.rsqrt, positive),
  unary('square', tf.square),
  unary('reciprocal', tf.reciprocal, positive),
  unary('abs', tf.abs),
  unary('sin', tf.sin),
  unary('cos', tf.cos),
  unary('tanh', tf.tanh),
  unary('sigmoid', tf.sigmoid),
  unary('softplus', tf.softplus, x => 10 * x),
  unary('erf', tf.erf),
  unary('relu', tf.relu),
  unary('elu', tf.elu),
  unary('leakyRelu', x => tf.leakyRelu(x, 0.3)),
  unary('clipByValue', x => tf.clipByValue(x, -0.5, 0.7)),
  unary('softmax', x => tf.softmax(x)),
  unary('logSoftmax', x => tf.logSoftmax(x)),
  unary('logSumExp', x => tf.logSumExp(x, 1)),
  flat('sign', tf.sign),
  flat('floor', tf.floor),
  flat('ceil', tf.ceil),
  flat('round', x => tf.round(tf.mul(x, 2))),
  flat('step', x => tf.step(x)),
  flat('step with a slope', x => tf.step(x, -1)),
  flat('onesLike, zerosLike', x => tf.sub(tf.onesLike(x), tf.zerosLike(x))),
  compare('greater', tf.greater),
  compare('greaterEqual', tf.greaterEqual),
  compare('less', tf.less),
  compare('lessEqual', tf.lessEqual),
  compare('equal', tf.equal),
  compare('notEqual', tf.notEqual),
  compare('logicalAnd', (a, b) => tf.logicalAnd(tf.cast(a, 'bool'), tf.cast(b, 'bool'))),
  compare('logicalOr', (a, b) => tf.logicalOr(tf.cast(a, 'bool'), tf.cast(b, 'bool'))),
  compare('logicalNot', a => tf.logicalNot(tf.cast(a, 'bool'))),
  compare('all', a => tf.all(tf.cast(a, 'bool'), 1)),
  compare('any', a => tf.any(tf.cast(a, 'bool'), 0)),
  {
    name: 'where',
    shapes: [matrix, matrix],
    fn: (a, b) => tf.where(checkers, tf.square(a), tf.mul(b, 2))
  },
  {
    name: 'matMul',
    shapes: [
      [5, 3],
      [3, 4]
    ],
    fn: (a, b) => tf.matMul(a, b)
  },
  {
    name: 'matMul, left transposed',
    shapes: [
      [3, 5],
      [3, 4]
    ],
    fn: (a, b) => tf.matMul(a, b, true)
  },
  {
    name: 'matMul, right transposed',
    shapes: [
      [5, 3],
      [4, 3]
    ],
    fn: (a, b) => tf.matMul(a, b, false, true)
  },
  {
    name: 'matMul, both transposed',
    shapes: [
      [3, 5],
      [4, 3]
    ],
    fn: (a, b) => tf.matMul(a, b, true, true)
  },
  {
    name: 'matMul to width 1',
    shapes: [
      [5, 3],
      [3, 1]
    ],
    fn: (a, b) => tf.matMul(a, b)
  },
  {
    name: 'matMul of stacks',
    shapes: [
      [2, 5, 3],
      [2, 3, 4]
    ],
    fn: (a, b) => tf.matMul(a, b)
  },
  {
    name: 'a layer with bias and relu',
    shapes: [[5, 3], [3, 4], [4]],
    fn: (x, w, b) => tf.relu(tf.add(tf.matMul(x, w), b))
  },
  ...reductions('sum', tf.sum),
  ...reductions('mean', tf.mean),
  ...reductions('max', tf.max),
  ...reductions('min', tf.min),
  { name: 'argMax', shapes: [matrix], fn: x => tf.cast(tf.argMax(x, 1), 'float32'), gradient: false },
  { name: 'argMin', shapes: [matrix], fn: x => tf.cast(tf.argMin(x, 0), 'float32'), gradient: false },
  { name: 'norm', shapes: [matrix], fn: x => tf.norm(x) },
  { name: 'reshape', shapes: [matrix], fn: x => tf.square(tf.reshape(x, [3, -1])) },
  { name: 'expandDims, squeeze', shapes: [matrix], fn: x => tf.squeeze(tf.square(tf.expandDims(x, 1))) },
  { name: 'transpose', shapes: [[2, 3, 4]], fn: x => tf.square(tf.transpose(x, [2, 0, 1])) },
  { name: 'concat', shapes: [matrix, [5, 2]], fn: (a, b) => tf.square(tf.concat([a, b], 1)) },
  { name: 'stack', shapes: [vector, vector], fn: (a, b) => tf.square(tf.stack([a, b], 1)) },
  { name: 'unstack', shapes: [matrix], fn: x => tf.mul(tf.unstack(x, 1)[0], tf.unstack(x, 1)[2]) },
  { name: 'split', shapes: [[6, 2]], fn: x => tf.mul(tf.split(x, 2)[0], tf.split(x, [2, 1, 3])[2]) },
  { name: 'slice', shapes: [matrix], fn: x => tf.square(tf.slice(x, [1, 0], [3, -1])) },
  {
    name: 'pad',
    shapes: [matrix],
    fn: x =>
      tf.square(
        tf.pad(x, [
          [1, 2],
          [0, 3]
        ])
      )
  },
  { name: 'tile', shapes: [matrix], fn: x => tf.square(tf.tile(x, [2, 3])) },
  { name: 'broadcastTo', shapes: [[1, 3]], fn: x => tf.square(tf.broadcastTo(x, [4, 3])) },
  { name: 'gather', shapes: [matrix], fn: x => tf.square(tf.gather(x, ids)) },
  { name: 'gather of columns', shapes: [[2, 5]], fn: x => tf.square(tf.gather(x, ids, 1)), gradient: false },
  { name: 'unsortedSegmentSum', shapes: [[4, 3]], fn: x => tf.square(tf.unsortedSegmentSum(x, ids, 6)) },
  { name: 'oneHot', shapes: [[4, 5]], fn: x => tf.mul(x, tf.oneHot(ids, 5)) },
  { name: 'cumsum', shapes: [matrix], fn: x => tf.square(tf.cumsum(x, 1)) },
  { name: 'cumsum over rows', shapes: [matrix], fn: x => tf.cumsum(x, 0), gradient: false },
  {
    name: 'cumsum, exclusive and reversed',
    shapes: [matrix],
    fn: x => tf.square(tf.cumsum(x, 1, true, true))
  },
  { name: 'reverse', shapes: [matrix], fn: x => tf.mul(x, tf.reverse(x, [0, 1])) },
  {
    name: 'cast by way of int32',
    shapes: [matrix],
    fn: x => tf.cast(tf.cast(tf.mul(x, 3), 'int32'), 'float32'),
    gradient: false
  },
  { name: 'fill, range', shapes: [vector], fn: x => tf.add(tf.mul(x, tf.range(0, 7)), tf.fill([7], 0.5)) },
  {
    name: 'isFinite',
    shapes: [vector],
    fn: x => tf.cast(tf.isFinite(tf.div(x, tf.relu(x))), 'float32'),
    gradient: false
  }
]

/** Inputs of a case, equal in every run. */
export function inputsOf({ name, shapes, domain }: OpCase): Float32Array[] {
  return shapes.map((shape, i) => {
    const values = normals(shape, `${name}/${i}`)
    return domain ? values.map(domain) : values
  })
}
