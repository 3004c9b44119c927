import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats, type HostTensors, specsOf } from '../../../src-main/base/tensors.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import { exportFunction, runOnnx } from '../../../src-main/compute/onnx/export.ts'
import { loadRuntime } from '../../../src-main/compute/onnx/runtime.ts'
import type { PureFunction } from '../../../src-main/compute/program.ts'
import { normals } from './programs.ts'

const runtime = loadRuntime()
const missing = 'reason' in runtime ? ` SKIPPED: ${runtime.reason}` : ''

const params: HostTensors = {
  kernel: floats([3, 4], normals([3, 4], 'kernel')),
  bias: floats([4], normals([4], 'bias')),
  logStd: floats([2], normals([2], 'logStd'))
}

/** A policy with a squashed mean and a spread that is the same for all rows. */
const policy = (rows: number): PureFunction => ({
  id: 'policy',
  params: specsOf(params),
  inputs: { observations: { shape: [rows, 3], dtype: 'float32' } },
  outputs: ['actions', 'value', 'best', 'spread'],
  fn: ({ kernel, bias, logStd }, { observations }) => {
    const hidden = tf.relu(tf.add(tf.matMul(observations as tf.Tensor2D, kernel as tf.Tensor2D), bias))
    const actions = tf.tanh(tf.slice(hidden, [0, 1], [rows, 2]))
    return {
      actions,
      value: tf.squeeze(tf.slice(hidden, [0, 3], [rows, 1]), [1]),
      best: tf.argMax(tf.concat([actions, hidden], 1), 1),
      spread: tf.add(tf.mul(actions, 0), tf.exp(tf.clipByValue(logStd, -5, 2)))
    }
  }
})

test.skipIf(missing).each([1, 7])(
  `an exported function runs on %i rows as it does here${missing}`,
  async rows => {
    const observations = normals([rows, 3], 'observations')
    const eager = await eagerEngine.compileFunction(policy(rows), { threads: 1 })
    await eager.bind(params)
    const expected = await eager.call({ observations })
    const bytes = exportFunction(policy, params)
    const actual = await runOnnx(bytes, { observations: floats([rows, 3], observations) })
    expect(Object.keys(actual)).toEqual(Object.keys(expected))
    expect(actual.actions.shape).toEqual([rows, 2])
    expect(actual.value.shape).toEqual([rows])
    for (const [name, values] of Object.entries(expected)) {
      expect(actual[name].data).toHaveLength(values.length)
      values.forEach((value, i) => expect(actual[name].data[i]).toBeCloseTo(value, 6))
    }
  }
)

test('a function that computes with its number of rows is refused', () => {
  const counting = (rows: number): PureFunction => ({
    ...policy(rows),
    outputs: ['actions'],
    fn: (_params, { observations }) => ({ actions: tf.div(observations, rows) })
  })
  expect(() => exportFunction(counting, params)).toThrow(/other values for other numbers of rows/)
})
