import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import { makeTwinCritic } from '../../../src-main/nn/critic.ts'
import { expectileLoss } from '../../../src-main/nn/losses.ts'
import {
  clippedShare,
  effectiveSampleShare,
  exponentialWeights,
  softmaxWeights,
  standardDeviation
} from '../../../src-main/nn/weights.ts'
import { numbers } from './tensors.ts'

describe('expectile loss', () => {
  const u = [2, -3, 0, 0.5]

  test.each([0.1, 0.5, 0.9])('is mean |expectile - 1(u < 0)| u^2 at %d', expectile => {
    const expected = u.reduce((sum, x) => sum + Math.abs(expectile - (x < 0 ? 1 : 0)) * x * x, 0) / u.length
    expect(numbers(expectileLoss(tf.tensor1d(u), expectile))[0]).toBeCloseTo(expected, 6)
  })
})

describe('advantage weights', () => {
  const scaled = tf.tensor1d([0, 1, 10, 200])

  test('grow exponentially up to the clip, even where exp overflows', () => {
    const [zero, one, clipped, overflowing] = numbers(exponentialWeights(scaled, 100))
    expect(zero).toBe(1)
    expect(one).toBeCloseTo(Math.E, 5)
    expect([clipped, overflowing]).toEqual([100, 100])
    expect(numbers(clippedShare(scaled, 100))).toEqual([0.5])
  })

  test('softmax weights average to 1', () => {
    const weights = numbers(softmaxWeights(tf.tensor1d([0, Math.log(3)])))
    expect(weights[0]).toBeCloseTo(0.5, 6)
    expect(weights[1]).toBeCloseTo(1.5, 6)
  })

  test.each([
    ['equal', [2, 2, 2, 2], 1],
    ['one of four', [0, 0, 7, 0], 0.25],
    ['three to one', [3, 1], 0.8],
    ['all vanished', [0, 0], 0]
  ])('effective sample share: %s', (_name, weights, share) => {
    expect(numbers(effectiveSampleShare(tf.tensor1d(weights)))[0]).toBeCloseTo(share, 6)
  })
})

test('standard deviation divides by n', () => {
  expect(numbers(standardDeviation(tf.tensor1d([1, 3])))).toEqual([1])
})

describe('twin critic', () => {
  /** Q1 = s + a, Q2 = 2 s - a as linear networks. */
  const params = {
    '1/0/kernel': tf.tensor2d([[1], [1]]),
    '1/0/bias': tf.zeros([1]),
    '2/0/kernel': tf.tensor2d([[2], [-1]]),
    '2/0/bias': tf.zeros([1])
  }
  const continuous: Problem = {
    observationSize: 1,
    action: { kind: 'continuous', size: 1 },
    unboundedActions: false
  }

  test('continuous: networks of observation and action, the smaller counts', () => {
    const critic = makeTwinCritic(continuous, [4], 'uniform')
    const [observations, actions] = [tf.tensor2d([[1], [1]]), tf.tensor2d([[0.25], [1]])]
    expect(critic.both(params, observations, actions).map(numbers)).toEqual([
      [1.25, 2],
      [1.75, 1]
    ])
    expect(numbers(critic.minimum(params, observations, actions))).toEqual([1.25, 1])
    expect(numbers(critic.underPolicy(params, observations, actions))).toEqual([1.25, 1])
  })

  test('discrete: one output per action, the policy value is exact', () => {
    const problem: Problem = {
      observationSize: 1,
      action: { kind: 'discrete', count: 2 },
      unboundedActions: false
    }
    const critic = makeTwinCritic(problem, [4], 'uniform')
    const discrete = {
      '1/0/kernel': tf.tensor2d([[1, 4]]),
      '1/0/bias': tf.zeros([2]),
      '2/0/kernel': tf.tensor2d([[2, 3]]),
      '2/0/bias': tf.zeros([2])
    }
    const observations = tf.tensor2d([[1]])
    expect(numbers(critic.minimum(discrete, observations, tf.tensor2d([[0, 1]])))).toEqual([3])
    // per action min(1, 2) = 1 and min(4, 3) = 3
    expect(numbers(critic.underPolicy(discrete, observations, tf.tensor2d([[0.25, 0.75]])))).toEqual([2.5])
    expect(critic.init(0)['1/1/kernel'].shape).toEqual([4, 2])
  })
})
