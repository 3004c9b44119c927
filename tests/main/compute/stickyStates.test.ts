import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../src-main/algorithms/algorithm.ts'
import { stickyStates } from '../../../src-main/compute/stickyStates.ts'
import { trace } from '../../../src-main/compute/trace.ts'
import { floats } from '../../../src-main/base/tensors.ts'
import type { Program } from '../../../src-main/compute/program.ts'
import { describeEngines } from '../../support/engines.ts'

const specs = { 'state/w': { shape: [2], dtype: 'float32' }, g: { shape: [2], dtype: 'float32' } } as const
const isSticky = (fn: (w: tf.Tensor, g: tf.Tensor) => tf.Tensor): boolean =>
  stickyStates(trace(specs, inputs => ({ 'state/w': fn(inputs['state/w'], inputs.g) }))).has('w')

test.each([
  ['unchanged', (w: tf.Tensor) => w, true],
  ['minus a gradient', (w: tf.Tensor, g: tf.Tensor) => tf.sub(w, tf.mul(g, 0.1)), true],
  ['a moving average', (w: tf.Tensor, g: tf.Tensor) => tf.add(tf.mul(w, 0.9), tf.mul(g, 0.1)), true],
  ['times 0', (w: tf.Tensor) => tf.mul(w, 0), false],
  ['times a tensor that may be 0', (w: tf.Tensor, g: tf.Tensor) => tf.mul(w, g), false],
  ['clipped', (w: tf.Tensor) => tf.clipByValue(w, -1, 1), false],
  ['replaced', (_w: tf.Tensor, g: tf.Tensor) => tf.neg(g), false],
  ['summed and spread', (w: tf.Tensor) => tf.mul(tf.sum(w), tf.ones([2])), false]
] as const)('a state that is %s: %s', (_name, fn, sticky) => expect(isSticky(fn)).toBe(sticky))

const two = {
  'state/a': { shape: [3], dtype: 'float32' },
  'state/b': { shape: [3], dtype: 'float32' }
} as const
const stickyOf = (order: readonly [number, number]): string[] => {
  const graph = trace(two, tensors => {
    const both = tf.concat1d([tensors['state/a'] as tf.Tensor1D, tensors['state/b'] as tf.Tensor1D])
    const less = tf.mul(both, 0.5)
    return { 'state/a': tf.slice(less, [order[0]], [3]), 'state/b': tf.slice(less, [order[1]], [3]) }
  })
  return [...stickyStates(graph)].sort()
}

test('states that are changed end to end and separated again keep what is not finite', () => {
  expect(stickyOf([0, 3])).toEqual(['a', 'b'])
})

test('states that get the place of one another when separated do not', () => {
  expect(stickyOf([3, 0])).toEqual([])
  expect(stickyOf([0, 2])).toEqual(['a'])
})

/** Overflows at the third step and is clipped back at the fourth, where no metric and no later state tells. */
const forgetful: Program = {
  id: 'forgetful',
  state: { w: { shape: [2], dtype: 'float32' }, step: { shape: [], dtype: 'float32' } },
  columns: {},
  batchSize: 1,
  noise: {},
  metrics: ['step'],
  step: ({ w, step }: Tensors) => {
    // exp(100) is infinite; a product of constants would not do, because a compiler may multiply them first.
    const overflow = tf.sub(tf.exp(tf.mul(tf.cast(tf.equal(step, 2), 'float32'), 100)), 1)
    return {
      state: { w: tf.add(tf.clipByValue(w, -1, 1), overflow), step: tf.add(step, 1) },
      metrics: { step: tf.add<tf.Scalar>(step, 1) }
    }
  }
}

describeEngines('a state that recovers', engine => {
  test('is flagged at the step where it was not finite', async () => {
    const session = await engine.compile(forgetful, { threads: 1 })
    await session.load({ w: floats([2]), step: floats([]) })
    await session.setColumns({})
    const { finite } = await session.run({ steps: 6, indices: new Int32Array(), noise: {} })
    expect([...finite]).toEqual([1, 1, 0, 1, 1, 1])
    expect([...(await session.read()).w.data]).toEqual([1, 1])
    await session.close()
  })
})
