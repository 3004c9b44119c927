import * as tf from '@tensorflow/tfjs-core'
import { invariant } from '../base/errors.ts'
import type { Graph, Node } from './graph.ts'
import { type Dtype, type NumericArray, sizeOf } from '../base/tensors.ts'
import { eagerBackend, useBackend } from './eager/backend.ts'
import type { Attrs, Op } from './ops.ts'

type Evaluate = (inputs: readonly tf.Tensor[], attrs: Attrs, node: Node) => tf.Tensor

const unary =
  (fn: (x: tf.Tensor) => tf.Tensor): Evaluate =>
  ([x]) =>
    fn(x)
const binary =
  (fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Evaluate =>
  ([a, b]) =>
    fn(a, b)
const reduce =
  (fn: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor): Evaluate =>
  ([x], { axes = [], keepDims = false }) =>
    axes.length > 0 ? fn(x, [...axes], keepDims) : tf.clone(x)

/** The nearest numbers of 8 significant bits, by Veltkamp's splitting; right for magnitudes below 2 ** 111. */
function toBfloat16(x: tf.Tensor): tf.Tensor {
  const scaled = tf.mul(x, 2 ** 16 + 1)
  return tf.sub(scaled, tf.sub(scaled, x))
}

const table: Readonly<Record<Exclude<Op, 'input' | 'constant'>, Evaluate>> = {
  neg: unary(tf.neg),
  exp: unary(tf.exp),
  log: unary(tf.log),
  log1p: unary(tf.log1p),
  expm1: unary(tf.expm1),
  sqrt: unary(tf.sqrt),
  rsqrt: unary(tf.rsqrt),
  square: unary(tf.square),
  reciprocal: unary(tf.reciprocal),
  abs: unary(tf.abs),
  sign: unary(tf.sign),
  floor: unary(tf.floor),
  ceil: unary(tf.ceil),
  round: unary(tf.round),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  tanh: unary(tf.tanh),
  sigmoid: unary(tf.sigmoid),
  softplus: unary(tf.softplus),
  erf: unary(tf.erf),
  relu: unary(tf.relu),
  elu: unary(tf.elu),
  leakyRelu: ([x], { alpha }) => tf.leakyRelu(x, alpha),
  step: ([x], { alpha }) => tf.step(x, alpha),
  clip: ([x], { low = 0, high = 0 }) => tf.clipByValue(x, low, high),
  softmax: ([x], { axis }) => tf.softmax(x, axis),
  reverse: ([x], { axes = [] }) => tf.reverse(x, [...axes]),
  cumsum: ([x], { axis, exclusive, reverse }) => tf.cumsum(x, axis, exclusive, reverse),
  not: unary(tf.logicalNot),
  isNan: unary(tf.isNaN),
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div),
  minimum: binary(tf.minimum),
  maximum: binary(tf.maximum),
  pow: binary(tf.pow),
  floorDiv: binary(tf.floorDiv),
  mod: binary(tf.mod),
  squaredDifference: binary(tf.squaredDifference),
  and: binary(tf.logicalAnd),
  or: binary(tf.logicalOr),
  greater: binary(tf.greater),
  greaterEqual: binary(tf.greaterEqual),
  less: binary(tf.less),
  lessEqual: binary(tf.lessEqual),
  equal: binary(tf.equal),
  notEqual: binary(tf.notEqual),
  select: ([condition, a, b], _attrs, { shape }) =>
    tf.where(
      tf.broadcastTo(condition, [...shape]),
      tf.broadcastTo(a, [...shape]),
      tf.broadcastTo(b, [...shape])
    ),
  matMul: ([a, b], { transposeA, transposeB, precision }) => {
    const rounded = (x: tf.Tensor): tf.Tensor => (precision === 'bfloat16' ? toBfloat16(x) : x)
    return tf.matMul(rounded(a), rounded(b), transposeA, transposeB)
  },
  sum: reduce(tf.sum),
  mean: reduce(tf.mean),
  max: reduce(tf.max),
  min: reduce(tf.min),
  prod: reduce(tf.prod),
  all: reduce(tf.all),
  any: reduce(tf.any),
  argMax: ([x], { axis }) => tf.argMax(x, axis),
  argMin: ([x], { axis }) => tf.argMin(x, axis),
  reshape: ([x], { shape = [] }) => tf.reshape(x, [...shape]),
  broadcast: ([x], { shape = [] }) => tf.broadcastTo(x, [...shape]),
  tile: ([x], { shape = [] }) => tf.tile(x, [...shape]),
  transpose: ([x], { axes = [] }) => tf.transpose(x, [...axes]),
  concat: (inputs, { axis }) => tf.concat([...inputs], axis),
  slice: ([x], { begin = [], size }) => tf.slice(x, [...begin], size && [...size]),
  pad: ([x], { before = [], after = [] }) =>
    tf.pad(
      x,
      before.map((count, axis) => [count, after[axis]])
    ),
  gather: ([x, indices], { axis }) => tf.gather(x, indices, axis),
  segmentSum: ([x, ids], { depth = 0 }) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, depth),
  oneHot: ([x], { depth = 0 }, { dtype }) => tf.oneHot(x, depth, 1, 0, dtype),
  cast: ([x], { dtype = 'float32' }) => tf.cast(x, dtype)
}

function toTensor(data: NumericArray, shape: readonly number[], dtype: Dtype): tf.Tensor {
  const all = data.length === sizeOf(shape) ? data : filled(data, sizeOf(shape))
  return tf.tensor(all.slice(), [...shape], dtype)
}

/** The one value of `data`, `count` times. */
function filled(data: NumericArray, count: number): NumericArray {
  const Array = data.constructor as new (length: number) => NumericArray
  return new Array(count).fill(data[0])
}

/**
 * Runs a graph with plain tfjs ops on the eager backend: the meaning of a graph, for tests of passes and for constants.
 * @param inputs values of the graph's inputs by name
 */
export function interpret(
  graph: Graph,
  inputs: Readonly<Record<string, NumericArray>> = {}
): Record<string, NumericArray> {
  const previous = tf.engine().backendName
  useBackend(eagerBackend().name)
  const results: Record<string, NumericArray> = {}
  try {
    tf.tidy(() => {
      const values: tf.Tensor[] = []
      for (const node of graph.nodes) values.push(evaluate(node, values, inputs))
      for (const [name, id] of Object.entries(graph.outputs)) results[name] = values[id].dataSync().slice()
    })
  } finally {
    if (previous) useBackend(previous)
  }
  return results
}

/**
 * Does what a graph says with tfjs ops on the current backend: a graph as a function that can be run op by op, or recorded again.
 * @param inputs tensors of the graph's inputs by name
 */
export function replay(
  graph: Graph,
  inputs: Readonly<Record<string, tf.Tensor>>
): Readonly<Record<string, tf.Tensor>> {
  const values: tf.Tensor[] = []
  for (const node of graph.nodes) {
    const { op, attrs } = node
    values.push(op === 'input' ? inputs[attrs.name ?? ''] : compute(node, values))
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, values[id]]))
}

function evaluate(
  node: Node,
  values: readonly tf.Tensor[],
  inputs: Readonly<Record<string, NumericArray>>
): tf.Tensor {
  const { op, attrs, shape, dtype } = node
  return op === 'input' ? toTensor(inputs[attrs.name ?? ''], shape, dtype) : compute(node, values)
}

function compute(node: Node, values: readonly tf.Tensor[]): tf.Tensor {
  const { op, attrs, shape, dtype, data } = node
  invariant(op !== 'input', 'an input is not computed')
  if (op === 'constant') return toTensor(data!, shape, dtype)
  return table[op](
    node.inputs.map(id => values[id]),
    attrs,
    node
  )
}
