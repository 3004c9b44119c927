import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats } from '../../../../src-main/base/tensors.ts'
import { GraphBuilder } from '../../../../src-main/compute/graph.ts'
import { removeDeadCode } from '../../../../src-main/compute/passes/deadCode.ts'
import { shareCommon } from '../../../../src-main/compute/passes/shareCommon.ts'
import { expectRewritten } from './recorded.ts'

test('equal expressions are computed once, different settings are not equal', () => {
  expectRewritten(shareCommon, ({ x }) => tf.add(tf.square(x), tf.square(x)), ['square', 'add'])
  expectRewritten(shareCommon, ({ x, y }) => tf.add(tf.sub(x, y), tf.sub(y, x)), ['sub', 'sub', 'add'])
  expectRewritten(shareCommon, ({ x }) => tf.add(tf.clipByValue(x, 0, 1), tf.clipByValue(x, 0, 2)), [
    'clip',
    'clip',
    'add'
  ])
  expectRewritten(
    shareCommon,
    ({ x }) => tf.add(tf.clipByValue(x, -1, Infinity), tf.clipByValue(x, -Infinity, 1)),
    ['clip', 'clip', 'add']
  )
})

test('what is equal down to the inputs is computed once as a whole', () => {
  expectRewritten(shareCommon, ({ x, y }) => tf.sub(tf.exp(tf.mul(x, y)), tf.neg(tf.exp(tf.mul(x, y)))), [
    'mul',
    'exp',
    'neg',
    'sub'
  ])
})

/** Constants that are left of these. */
function shared(...add: readonly ((builder: GraphBuilder) => number)[]): number {
  const builder = new GraphBuilder()
  const outputs = Object.fromEntries(add.map((each, i) => [String(i), each(builder)]))
  return removeDeadCode(shareCommon({ nodes: builder.nodes, outputs })).nodes.length
}

test('constants of equal numbers in other types or shapes stay apart', () => {
  const ones = (shape: number[], dtype: 'float32' | 'int32') => (builder: GraphBuilder) =>
    builder.fill(1, { shape, dtype })
  expect(shared(ones([2], 'float32'), ones([2], 'int32'), ones([3], 'float32'), ones([2], 'float32'))).toBe(3)
})

test('constants are one only with equal bits: 0 is not -0, NaN is NaN', () => {
  const of = (value: number) => (builder: GraphBuilder) =>
    builder.constant(Float32Array.of(value, 1), floats([2]))
  expect(shared(of(0), of(-0))).toBe(2)
  expect(shared(of(NaN), of(NaN))).toBe(1)
})
