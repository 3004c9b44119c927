import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import {
  categoricalEntropy,
  categoricalLogLikelihood,
  categoricalMismatch,
  probabilities
} from '../../../src-main/nn/categoricalPolicy.ts'
import {
  gaussian,
  gaussianEntropy,
  gaussianLogLikelihood,
  gaussianSample
} from '../../../src-main/nn/gaussianPolicy.ts'
import { makePolicy } from '../../../src-main/nn/policy.ts'
import { numbers, onDevice } from './tensors.ts'

/** log N(x; mean, std) */
const logNormal = (x: number, mean: number, std: number) =>
  -0.5 * ((x - mean) / std) ** 2 - Math.log(std) - 0.5 * Math.log(2 * Math.PI)

describe('Gaussian policy', () => {
  const distribution = {
    mean: tf.tensor2d([
      [0.5, -1],
      [0, 0]
    ]),
    logStd: tf.tensor1d([Math.log(0.5), Math.log(2)])
  }

  test('log-likelihood sums over action dimensions', () => {
    const actual = numbers(
      gaussianLogLikelihood(
        distribution,
        tf.tensor2d([
          [1, 1],
          [0, 0.25]
        ])
      )
    )
    expect(actual[0]).toBeCloseTo(logNormal(1, 0.5, 0.5) + logNormal(1, -1, 2), 5)
    expect(actual[1]).toBeCloseTo(logNormal(0, 0, 0.5) + logNormal(0.25, 0, 2), 5)
  })

  test('entropy is the closed form', () => {
    const expected = 2 * 0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(0.5) + Math.log(2)
    expect(numbers(gaussianEntropy(distribution))[0]).toBeCloseTo(expected, 5)
  })

  test('samples are mean + std * noise, sample by sample', () => {
    const noise = tf.tensor2d([
      [0, 0],
      [1, 1],
      [2, 0],
      [0, -1]
    ])
    expect(
      numbers(gaussianSample(distribution, noise, 2)).map(value => Math.round(value * 1e5) / 1e5)
    ).toEqual([0.5, -1, 0.5, 2, 1.5, -1, 0, -2])
  })

  test('clips the log-standard-deviation and squashes the mean only if asked', () => {
    const params = { '0/kernel': tf.tensor2d([[2]]), '0/bias': tf.zeros([1]), logStd: tf.tensor1d([9]) }
    const at = (tanhMean: boolean) => gaussian(params, tf.tensor2d([[1]]), { tanhMean, logStdRange: [-5, 2] })
    expect(numbers(at(true).mean)[0]).toBeCloseTo(Math.tanh(2), 6)
    expect(numbers(at(false).mean)).toEqual([2])
    expect(numbers(at(true).logStd)).toEqual([2])
  })
})

describe('categorical policy', () => {
  const logits = tf.tensor2d([
    [0, Math.log(3), 0],
    [1000, 0, -1000]
  ])
  const actions = tf.tensor2d([
    [1, 0, 0],
    [1, 0, 0]
  ])

  test('log-likelihood and probabilities, also of extreme logits', () => {
    const [first, second] = numbers(categoricalLogLikelihood(logits, actions))
    expect(first).toBeCloseTo(Math.log(0.2), 6)
    expect(second).toBeCloseTo(0, 6)
    expect(numbers(probabilities(logits))[1]).toBeCloseTo(0.6, 6)
  })

  test('entropy and mismatch', () => {
    const expected = -(0.4 * Math.log(0.2) + 0.6 * Math.log(0.6))
    expect(numbers(categoricalEntropy(logits))[0]).toBeCloseTo(expected, 5)
    expect(numbers(categoricalMismatch(logits, actions))).toEqual([1, 0])
  })
})

describe('a policy of a problem', () => {
  const options = {
    hiddenSizes: [4],
    initialization: 'orthogonal',
    logStdRange: [-5, 2],
    stochastic: true
  } as const
  const observations = tf.tensor2d([
    [40, -3],
    [0.1, 0.2]
  ])
  const continuous = (unboundedActions: boolean): Problem => ({
    observationSize: 2,
    action: { kind: 'continuous', size: 2 },
    unboundedActions
  })
  const largest = (values: tf.Tensor) => Math.max(...numbers(values).map(Math.abs))

  test.each([true, false])('acts inside the bounds, tanh mean %s', tanhMean => {
    const policy = makePolicy(continuous(false), { ...options, tanhMean })
    const params = onDevice(policy.init(0))
    expect(largest(policy.act(params, observations).actions)).toBeLessThanOrEqual(1)
    expect(largest(policy.sample(params, observations, tf.fill([6, 2], 5), 3))).toBeLessThanOrEqual(1)
  })

  test('is neither squashed nor clipped where the data leaves the bounds on purpose', () => {
    const policy = makePolicy(continuous(true), { ...options, tanhMean: true })
    expect(largest(policy.act(onDevice(policy.init(0)), observations).actions)).toBeGreaterThan(1)
  })

  test('gives logits for discrete actions and probabilities as its mode', () => {
    const problem: Problem = {
      observationSize: 2,
      action: { kind: 'discrete', count: 3 },
      unboundedActions: false
    }
    const policy = makePolicy(problem, { ...options, tanhMean: true })
    const params = onDevice(policy.init(0))
    expect(policy.act(params, observations).logits.shape).toEqual([2, 3])
    expect(
      numbers(tf.sum(policy.mode(params, observations), 1)).every(total => Math.abs(total - 1) < 1e-6)
    ).toBe(true)
    expect('logStd' in params).toBe(false)
  })

  test('measures the distance of its action to the data', () => {
    const policy = makePolicy(continuous(false), { ...options, tanhMean: true })
    const params = onDevice(policy.init(0))
    const acted = policy.mode(params, observations)
    expect(numbers(policy.actionDistance(params, observations, acted))[0]).toBe(0)
    const moved = tf.add(
      acted,
      tf.tensor2d([
        [3, 4],
        [0, 0]
      ])
    )
    expect(numbers(policy.actionDistance(params, observations, moved))[0]).toBeCloseTo(2.5, 5)
  })
})
