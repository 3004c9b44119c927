import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { floats, type HostTensors, specsOf } from '../../../../src-main/base/tensors.ts'
import type { Engine } from '../../../../src-main/compute/engine.ts'
import { compileOn } from '../../../../src-main/compute/onnx/gpuEngines.ts'
import { onnxEngine } from '../../../../src-main/compute/onnx/index.ts'
import { gpuProviders } from '../../../../src-main/compute/onnx/providers.ts'
import { loadRuntime } from '../../../../src-main/compute/onnx/runtime.ts'
import type { Program } from '../../../../src-main/compute/program.ts'

const runtime = loadRuntime()
const missing = 'reason' in runtime ? ` SKIPPED: ${runtime.reason}` : ''

const state: HostTensors = {
  first: floats([2], Float32Array.of(1, 2)),
  second: floats([2], Float32Array.of(10, 20)),
  doubled: floats([2]),
  again: floats([2]),
  fixed: floats([2]),
  total: floats([])
}

/** Two tensors change places, two get the same value, one gets a constant, and a metric is what a state tensor is. */
const program: Program = {
  id: 'swap',
  ...{ state: specsOf(state), columns: {}, batchSize: 1, noise: {}, metrics: ['total', 'same'] },
  step: ({ first, second }) => {
    const twice = tf.mul(first, 2)
    const total = tf.sum<tf.Scalar>(second)
    return {
      state: {
        first: second,
        second: first,
        doubled: twice,
        again: twice,
        fixed: tf.tensor1d([7, 8]),
        total
      },
      metrics: { total, same: total }
    }
  }
}

const forms: readonly (readonly [string, Pick<Engine, 'compile'>])[] = [
  ['a Loop', onnxEngine],
  ...gpuProviders.map(
    gpu =>
      [
        `the unrolled form of ${gpu.id}`,
        { compile: (one: Program, options: { threads: number }) => compileOn(gpu, one, options, 'cpu') }
      ] as const
  )
]

describe.skipIf(missing).each(forms)(
  `results that are inputs, constants or one value twice, in %s${missing}`,
  (_form, engine) => {
    test.each([1, 2, 5])('are all there after %i steps', async steps => {
      const session = await engine.compile(program, { threads: 1 })
      await session.load(state)
      await session.setColumns({})
      const { metrics } = await session.run({ steps, indices: new Int32Array(), noise: {} })
      const [one, other] = [
        [1, 2],
        [10, 20]
      ]
      const odd = steps % 2 === 1
      const read = await session.read()
      const values = Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, [...data]]))
      const before = odd ? one : other // what `first` was at the last step
      expect(values).toEqual({
        first: odd ? other : one,
        second: odd ? one : other,
        ...{ doubled: before.map(value => 2 * value), again: before.map(value => 2 * value), fixed: [7, 8] },
        total: [odd ? 30 : 3]
      })
      expect([...metrics]).toEqual(
        Array.from({ length: steps }, (_, i) => (i % 2 === 0 ? [30, 30] : [3, 3])).flat()
      )
      await session.close()
    })
  }
)
