import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { foldConstants } from '../../../../src-main/compute/passes/foldConstants.ts'
import { trace } from '../../../../src-main/compute/trace.ts'
import { expectRewritten, opsOf } from './recorded.ts'

test.each([
  ['a scalar expression', ({ x }: Tensors) => tf.mul(x, tf.sub(1, tf.exp(tf.scalar(0.5)))), ['mul']],
  ['an equal number everywhere', ({ x }: Tensors) => tf.mul(x, tf.div(tf.ones([4, 3]), 4)), ['mul']],
  ['different numbers', ({ x }: Tensors) => tf.mul(x, tf.square(tf.tensor1d([1, 2, 3]))), ['mul']],
  ['a shape change', ({ x }: Tensors) => tf.mul(x, tf.reshape(tf.tensor1d([1, 2, 3, 4]), [4, 1])), ['mul']],
  ['a number that is none', ({ x }: Tensors) => tf.mul(x, tf.log(tf.scalar(-1))), ['mul']]
] as const)('constants fold: %s', (_name, fn, ops) => expectRewritten(foldConstants, fn, ops))

test('what depends on an input does not fold', () => {
  expectRewritten(foldConstants, ({ x }) => tf.exp(tf.mul(x, 0)), ['mul', 'exp'])
})

/** The largest number of elements that is stored. */
const most = 65_536
const foldedAt = (fn: (size: number) => tf.Tensor, size: number) =>
  foldConstants(trace({}, () => ({ result: fn(size) })))
/** 0, 1, 2 ... at every other place 0: no constant that repeats one number. */
const counted = (size: number): tf.Tensor => tf.tensor1d(Float32Array.from({ length: size }, (_, i) => i % 7))

test.each([
  ['different numbers', (size: number) => tf.square(counted(size))],
  ['one number that is spread', (size: number) => tf.tile(tf.tensor1d([3]), [size])],
  ['numbers that are laid end to end', (size: number) => tf.concat([counted(size - 1), tf.tensor1d([1])])]
] as const)('%s fold up to a size that a model can hold, and no further', (_name, fn) => {
  const [small, large] = [foldedAt(fn, most), foldedAt(fn, most + 1)]
  expect(opsOf(small)).toEqual([])
  expect(opsOf(large)).toHaveLength(1)
  expect(interpret(small).result).toEqual(interpret(trace({}, () => ({ result: fn(most) }))).result)
})

test('a small result of large constants folds', () => {
  const graph = foldedAt(size => tf.max(counted(size)), 2 * most)
  expect(opsOf(graph)).toEqual([])
  expect([...interpret(graph).result]).toEqual([6])
})

test('one number everywhere folds at any size, and is still held once', () => {
  const graph = foldedAt(size => tf.sqrt(tf.fill([size], 4)), 100 * most)
  const { op, data, shape } = graph.nodes[graph.outputs.result]
  expect({ op, data, shape }).toEqual({ op: 'constant', data: Float32Array.of(2), shape: [100 * most] })
})
