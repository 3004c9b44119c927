import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats, type HostTensors, specsOf } from '../../../../src-main/base/tensors.ts'
import { portableFunction } from '../../../../src-main/compute/onnx/portable.ts'
import { PortableCallable } from '../../../../src-main/compute/onnx/portableCallable.ts'
import { loadRuntime } from '../../../../src-main/compute/onnx/runtime.ts'
import type { PureFunction } from '../../../../src-main/compute/program.ts'
import { normals } from '../programs.ts'

const runtime = loadRuntime()
const missing = 'reason' in runtime ? ` SKIPPED: ${runtime.reason}` : ''

const params: HostTensors = {
  kernel: floats([3, 2], normals([3, 2], 'kernel')),
  critic: floats([5, 5])
}

/** Acts without the critic, and without what it is told of time. */
const policy: PureFunction = {
  id: 'policy',
  params: specsOf(params),
  inputs: { observations: { shape: [4, 3], dtype: 'float32' }, time: { shape: [4], dtype: 'float32' } },
  outputs: ['actions', 'observed'],
  fn: ({ kernel, critic }, { observations, time }) => {
    tf.add(tf.sum(critic), tf.sum(time))
    return { actions: tf.mul(tf.matMul(observations, kernel), 2), observed: observations }
  }
}
const observations = normals([4, 3], 'observations')
const expected = (kernel: ArrayLike<number>): number[] =>
  Array.from({ length: 8 }, (_, i) => {
    const row = Math.floor(i / 2)
    return [0, 1, 2].reduce((sum, j) => sum + 2 * observations[3 * row + j] * kernel[2 * j + (i % 2)], 0)
  })

test('a portable function holds what its outputs need alone, and survives a structured clone', () => {
  const portable = portableFunction(policy)
  expect(Object.keys(portable.params)).toEqual(['kernel'])
  expect(Object.keys(portable.inputs)).toEqual(['observations'])
  expect(structuredClone(portable)).toEqual(portable)
})

test.skipIf(missing)(`it gives the function's results with the parameters bound last${missing}`, async () => {
  const callable = new PortableCallable(structuredClone(portableFunction(policy)), 1)
  await callable.bind(params)
  await callable.call({ observations })
  const other = floats([3, 2], normals([3, 2], 'other'))
  await callable.bind({ kernel: other })
  const { actions, observed } = await callable.call({ observations, time: new Float32Array(4) })
  expected(other.data).forEach((value, i) => expect(actions[i]).toBeCloseTo(value, 5))
  expect(observed).toEqual(observations)
  await callable.close()
})

test.skipIf(missing)(
  `parameters that are missing or of another size are refused by name${missing}`,
  async () => {
    const callable = new PortableCallable(portableFunction(policy), 1)
    await expect(callable.bind({ critic: params.critic })).rejects.toThrow(/policy needs kernel of 6/)
    await expect(callable.bind({ kernel: floats([2]) })).rejects.toThrow(/kernel of 6, got 2/)
    await expect(callable.call({ observations })).rejects.toThrow(/before its parameters were bound/)
  }
)
