import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats } from '../../../src-main/base/tensors.ts'
import { trace } from '../../../src-main/compute/trace.ts'
import { generalizeRows, varying } from '../../../src-main/compute/varyingRows.ts'

const recorded = (rows: number, fn: (x: tf.Tensor, rows: number) => tf.Tensor) =>
  trace({ x: floats([rows, 6]) }, ({ x }) => ({ y: fn(x, rows) }))
const general = (fn: (x: tf.Tensor, rows: number) => tf.Tensor) =>
  generalizeRows(recorded(5, fn), recorded(7, fn))

test('what differs between two numbers of rows follows the rows, in shapes and settings', () => {
  const graph = general((x, rows) => tf.reshape(tf.slice(x, [0, 1], [rows, 4]), [rows, 2, 2]))
  const [input, slice, reshape] = graph.nodes
  expect(input.shape).toEqual([varying, 6])
  expect(slice).toMatchObject({ shape: [varying, 4], attrs: { begin: [0, 1], size: [Infinity, 4] } })
  expect(reshape).toMatchObject({ shape: [varying, 2, 2], attrs: { shape: [varying, 2, 2] } })
})

test('what does not depend on the rows stays as it is', () => {
  const graph = general(x => tf.mul(x, tf.tensor1d([1, 2, 3, 4, 5, 6])))
  const constant = graph.nodes.find(({ op }) => op === 'constant')
  expect(constant).toMatchObject({ shape: [6], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
})

test.each([
  [
    'more operations',
    (x: tf.Tensor, rows: number) => (rows > 5 ? tf.neg(x) : x),
    /other things for other numbers/
  ],
  [
    'another operation',
    (x: tf.Tensor, rows: number) => (rows > 5 ? tf.neg(x) : tf.exp(x)),
    /depends on the number/
  ],
  [
    'another number',
    (x: tf.Tensor, rows: number) => tf.div(x, rows),
    /other values for other numbers of rows/
  ],
  ['a constant for each row', (x: tf.Tensor, rows: number) => tf.add(x, tf.ones([rows, 1])), /other values/],
  [
    'another setting',
    (x: tf.Tensor, rows: number) => tf.clipByValue(x, 0, rows),
    /has high depend on the number/
  ],
  [
    'two lengths that follow the rows',
    (x: tf.Tensor, rows: number) => tf.reshape(tf.matMul(x, x, false, true), [1, rows, rows]),
    /more than one length/
  ]
])('a function is refused that has %s for another number of rows', (_what, fn, message) => {
  expect(() => general(fn)).toThrow(message)
})
