import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { Tensors } from '../../../src-main/algorithms/algorithm.ts'
import { floats } from '../../../src-main/base/tensors.ts'
import { adam, initAdam, sumsFromMoments } from '../../../src-main/nn/adam.ts'
import { gradientNorm, valueAndGradients } from '../../../src-main/nn/gradients.ts'
import { copyOf, part, prefixed } from '../../../src-main/nn/parameters.ts'
import { polyak } from '../../../src-main/nn/polyak.ts'
import { nextStep, scheduledRate } from '../../../src-main/nn/schedules.ts'
import { numbers, onDevice } from './tensors.ts'

describe('adam', () => {
  const params = { kernel: floats([2], Float32Array.of(1, -2)), bias: floats([1], Float32Array.of(0.5)) }
  const gradientsAt = (t: number) => ({ kernel: [0.3 * t, -1e-4], bias: [2 - t] })

  /** The textbook loop in float64. */
  function textbook(steps: number, rate: number, decay: number): { kernel: number[]; bias: number[] } {
    const p = { kernel: [1, -2], bias: [0.5] }
    const m = { kernel: [0, 0], bias: [0] }
    const v = { kernel: [0, 0], bias: [0] }
    for (let t = 1; t <= steps; t++) {
      for (const name of ['kernel', 'bias'] as const) {
        p[name].forEach((value, i) => {
          const g = gradientsAt(t)[name][i] + (name === 'kernel' ? decay * value : 0)
          m[name][i] = 0.9 * m[name][i] + 0.1 * g
          v[name][i] = 0.999 * v[name][i] + 0.001 * g * g
          const corrected = m[name][i] / (1 - 0.9 ** t)
          p[name][i] -= (rate * corrected) / (Math.sqrt(v[name][i] / (1 - 0.999 ** t)) + 1e-8)
        })
      }
    }
    return p
  }

  test.each([0, 0.1])('follows the textbook with bias correction over 20 steps, weight decay %d', decay => {
    let state: Tensors = onDevice({
      ...prefixed('actor', params),
      ...initAdam('actor', params),
      step: floats([])
    })
    for (let t = 1; t <= 20; t++) {
      const gradients = Object.fromEntries(
        Object.entries(gradientsAt(t)).map(([name, g]) => [name, tf.tensor1d(g)])
      )
      state = { ...state, ...adam(state, 'actor', gradients, 0.01, decay), step: nextStep(state) }
    }
    const expected = textbook(20, 0.01, decay)
    expected.kernel.forEach((value, i) => expect(numbers(state['actor/kernel'])[i]).toBeCloseTo(value, 5))
    expect(numbers(state['actor/bias'])[0]).toBeCloseTo(expected.bias[0], 5)
    expect(numbers(state.step)).toEqual([20])
  })

  test('keeps sums, which the moments of older files become', () => {
    const state = onDevice({ ...prefixed('actor', params), ...initAdam('actor', params), step: floats([]) })
    const gradients = { kernel: tf.tensor1d([0.5, -2]), bias: tf.tensor1d([4]) }
    const after = adam(state, 'actor', gradients, 0.01)
    const textbookFirst = {
      'state/actorOptimizer/m/kernel': floats([2], Float32Array.of(0.05, -0.2)),
      'state/actorOptimizer/v/kernel': floats([2], Float32Array.of(0.00025, 0.004)),
      'state/actor/m/kernel': floats([1], Float32Array.of(7))
    }
    const sums = sumsFromMoments(textbookFirst)
    expect(Object.keys(sums)).toEqual([
      'state/actorOptimizer/gradientSum/kernel',
      'state/actorOptimizer/squareSum/kernel',
      'state/actor/m/kernel'
    ])
    for (const sum of ['gradientSum', 'squareSum']) {
      const kept = numbers(after[`actorOptimizer/${sum}/kernel`])
      kept.forEach((value, i) =>
        expect(sums[`state/actorOptimizer/${sum}/kernel`].data[i]).toBeCloseTo(value, 5)
      )
    }
    expect(sums['state/actor/m/kernel']).toBe(textbookFirst['state/actor/m/kernel'])
  })

  test('touches its own group only', () => {
    const state = onDevice({ ...prefixed('actor', params), ...initAdam('actor', params), step: floats([]) })
    const other = { ...state, 'actorTarget/kernel': tf.ones([2]) }
    const gradients = { kernel: tf.ones([2]), bias: tf.ones([1]) }
    expect(Object.keys(adam(other, 'actor', gradients, 0.1)).sort()).toEqual(
      Object.keys(state)
        .filter(name => name !== 'step')
        .sort()
    )
  })
})

test('polyak moves the target by its share', () => {
  const state = { 'critic/1/bias': tf.tensor1d([1]), 'targetCritic/1/bias': tf.tensor1d([3]) }
  const moved = polyak(state, 'critic', 'targetCritic', 0.25)
  expect(Object.keys(moved)).toEqual(['targetCritic/1/bias'])
  expect(numbers(moved['targetCritic/1/bias'])).toEqual([2.5])
})

test('the cosine falls from the rate over its half to 0; constant stays', () => {
  const at = (step: number) => numbers(scheduledRate('cosine', 0.2, tf.scalar(step), 100) as tf.Tensor)[0]
  expect(at(0)).toBeCloseTo(0.2, 6)
  expect(at(50)).toBeCloseTo(0.1, 6)
  expect(at(100)).toBeCloseTo(0, 6)
  expect(scheduledRate('constant', 0.2, tf.scalar(50), 100)).toBe(0.2)
})

describe('gradients', () => {
  test('returns loss, gradients by name and what the forward pass yields beside', () => {
    const params = { a: tf.scalar(3), b: tf.scalar(2) }
    const result = valueAndGradients(
      p => ({ loss: tf.mul<tf.Scalar>(tf.square(p.a), p.b), extras: { square: tf.square(p.a) } }),
      params
    )
    expect(numbers(result.loss)).toEqual([18])
    expect(numbers(result.gradients.a)).toEqual([12])
    expect(numbers(result.gradients.b)).toEqual([9])
    expect(numbers(result.extras.square)).toEqual([9])
  })

  test('leaves no tensor behind beyond its results', () => {
    const params = { a: tf.scalar(3) }
    const before = tf.memory().numTensors
    const result = valueAndGradients(
      p => ({ loss: tf.square<tf.Scalar>(p.a as tf.Scalar), extras: { x: tf.exp(p.a) } }),
      params
    )
    expect(tf.memory().numTensors).toBe(before + 3)
    tf.dispose([result.loss, result.gradients.a, result.extras.x])
    expect(tf.memory().numTensors).toBe(before)
  })

  test('the norm is over all tensors together', () => {
    expect(numbers(gradientNorm({ a: tf.tensor1d([3, 0]), b: tf.scalar(4) }))).toEqual([5])
  })
})

describe('parameters', () => {
  test('part and prefixed are inverse and do not confuse a group with its optimiser', () => {
    const tensors = { 'actor/0/bias': 1, 'actorOptimizer/gradientSum/0/bias': 2, 'actor/logStd': 3 }
    expect(part(tensors, 'actor')).toEqual({ '0/bias': 1, logStd: 3 })
    expect(prefixed('actor', part(tensors, 'actor'))).toEqual({ 'actor/0/bias': 1, 'actor/logStd': 3 })
  })

  test('a copy shares no memory', () => {
    const source = { x: floats([1], Float32Array.of(1)) }
    const copy = copyOf(source)
    source.x.data[0] = 5
    expect(copy.x.data[0]).toBe(1)
  })
})
