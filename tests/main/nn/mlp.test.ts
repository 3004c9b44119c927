import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { dropoutNoise, initMlp, mlp } from '../../../src-main/nn/mlp.ts'
import { numbers, onDevice } from './tensors.ts'

const params = {
  '0/kernel': tf.tensor2d([
    [1, -1],
    [0.5, 2]
  ]),
  '0/bias': tf.tensor1d([0.25, -0.5]),
  '1/kernel': tf.tensor2d([[2], [-3]]),
  '1/bias': tf.tensor1d([0.125]),
  logStd: tf.tensor1d([7])
}

describe('mlp', () => {
  test('has ReLU between layers and none after the last', () => {
    // hidden: relu(1 + 0.5 + 0.25, -1 + 2 - 0.5) = (1.75, 0.5); output 3.5 - 1.5 + 0.125
    // hidden: relu(-1 - 0.5 + 0.25, 1 - 2 - 0.5) = (0, 0); output 0.125
    const input = tf.tensor2d([
      [1, 1],
      [-1, -1]
    ])
    expect(numbers(mlp(params, input))).toEqual([2.125, 0.125])
    expect(mlp(params, input).shape).toEqual([2, 1])
  })

  test('dropout drops where the noise is at most the rate and scales the rest', () => {
    const input = tf.tensor2d([[1, 1]])
    const noise = { '0': tf.tensor2d([[0.1, 0.9]]) }
    // only the second hidden unit stays: 0.5 / 0.75 * -3 + 0.125
    expect(numbers(mlp(params, input, { rate: 0.25, noise }))[0]).toBeCloseTo((0.5 / 0.75) * -3 + 0.125, 6)
    expect(numbers(mlp(params, input, { rate: 0, noise: {} }))).toEqual([2.125])
  })

  test('asks for uniform noise of each hidden layer, and for none without dropout', () => {
    expect(dropoutNoise('dropout', 0.1, [8, 4], 16)).toEqual({
      'dropout/0': { shape: [16, 8], distribution: 'uniform' },
      'dropout/1': { shape: [16, 4], distribution: 'uniform' }
    })
    expect(dropoutNoise('dropout', 0, [8, 4], 16)).toEqual({})
  })

  test('starts with kernels [in, out] and biases [out]; orthogonal layers have zero biases', () => {
    const uniform = initMlp([3, 8, 2], 'uniform', 0, 'init/x')
    expect(Object.entries(uniform).map(([name, { shape }]) => [name, shape])).toEqual([
      ['0/kernel', [3, 8]],
      ['0/bias', [8]],
      ['1/kernel', [8, 2]],
      ['1/bias', [2]]
    ])
    expect(uniform['0/bias'].data.some(value => value !== 0)).toBe(true)
    const orthogonal = initMlp([3, 8, 2], 'orthogonal', 0, 'init/x')
    expect(orthogonal['0/bias'].data.every(value => value === 0)).toBe(true)
    expect(mlp(onDevice(orthogonal), tf.zeros([5, 3])).shape).toEqual([5, 2])
  })
})
