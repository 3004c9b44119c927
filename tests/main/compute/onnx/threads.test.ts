import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Graph } from '../../../../src-main/compute/graph.ts'
import { onnxEngine } from '../../../../src-main/compute/onnx/index.ts'
import { largestProduct, threadsWorth } from '../../../../src-main/compute/onnx/threads.ts'
import { trace } from '../../../../src-main/compute/trace.ts'
import { regression } from '../programs.ts'

/** Products of one step: [batch, hidden] x [hidden, hidden] and a narrow one. */
const products = (batch: number, hidden: number): Graph =>
  trace(
    {
      x: { shape: [batch, hidden], dtype: 'float32' },
      kernel: { shape: [hidden, hidden], dtype: 'float32' },
      last: { shape: [hidden, 1], dtype: 'float32' }
    },
    ({ x, kernel, last }) => ({
      y: tf.matMul(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D), last)
    })
  )

test('the largest product is counted in multiply-adds, transposed or not', () => {
  expect(largestProduct(products(256, 64))).toBe(256 * 64 * 64)
  const transposed = trace(
    { x: { shape: [8, 3], dtype: 'float32' }, dy: { shape: [8, 5], dtype: 'float32' } },
    ({ x, dy }) => ({ kernel: tf.matMul(x, dy, true) })
  )
  expect(largestProduct(transposed)).toBe(8 * 3 * 5)
  expect(largestProduct(trace({ x: { shape: [2], dtype: 'float32' } }, ({ x }) => ({ x: tf.neg(x) })))).toBe(
    0
  )
})

test('small networks compute on one thread, larger ones on as many as their products are worth', () => {
  expect(threadsWorth(products(256, 64), 16)).toBe(1)
  expect(threadsWorth(products(256, 128), 16)).toBe(2)
  expect(threadsWorth(products(256, 256), 16)).toBe(8)
  expect(threadsWorth(products(256, 256), 2)).toBe(2)
})

test('a run that uses fewer threads than it may says so', async () => {
  const notes: string[] = []
  const session = await onnxEngine.compile(regression, { threads: 2, note: text => notes.push(text) })
  await session.close()
  expect(notes).toEqual([
    'ONNX Runtime computes on 1 of 2 threads: products this small lose when more share them.'
  ])
})
