import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { eagerBackend } from '../../../src-main/compute/eager/backend.ts'
import { joinSmall, separate } from '../../../src-main/nn/joined.ts'

const order = ['a', 'large', 'b']
const tensors = () => {
  eagerBackend()
  return {
    b: tf.tensor2d([[4], [5]]),
    a: tf.tensor1d([1, 2, 3]),
    large: tf.fill([20_000], 7)
  }
}

test('small tensors lie end to end in the given order; a large one stays', () => {
  const joined = joinSmall(tensors(), order)
  expect(Object.keys(joined).sort()).toEqual(['joined', 'large'])
  expect([...joined.joined.dataSync()]).toEqual([1, 2, 3, 4, 5])
})

test('separating gives the tensors back in their shapes', () => {
  const before = tensors()
  const after = separate(joinSmall(before, order), before, order)
  for (const name of order) {
    expect(after[name].shape).toEqual(before[name as 'a'].shape)
    expect(after[name].dataSync()).toEqual(before[name as 'a'].dataSync())
  }
})

test('without small tensors nothing is joined', () => {
  const large = { large: tf.fill([20_000], 7) }
  expect(Object.keys(joinSmall(large, ['large']))).toEqual(['large'])
})
