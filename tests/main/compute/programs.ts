import * as tf from '@tensorflow/tfjs-core'
import { fillIntegers, fillNormal } from '../../../src-main/base/random.ts'
import { floats, type HostTensors, sizeOf } from '../../../src-main/base/tensors.ts'
import type { RunRequest } from '../../../src-main/compute/engine.ts'
import type { Program } from '../../../src-main/compute/program.ts'

/** Least squares with noisy inputs and a step counter: small, with every part that a program has. */
export const regression: Program = {
  id: 'regression',
  state: { weights: { shape: [3, 1], dtype: 'float32' }, step: { shape: [], dtype: 'float32' } },
  columns: { inputs: { width: 3 }, targets: { width: 1 } },
  batchSize: 4,
  noise: { jitter: { shape: [4, 3], distribution: 'normal' } },
  metrics: ['loss', 'step'],
  step(state, batch, noise) {
    const inputs = tf.add(batch.inputs, tf.mul(noise.jitter, 0.01)) // [B, 3]
    const loss = (weights: tf.Tensor): tf.Scalar =>
      tf.mean(tf.squaredDifference(tf.matMul(inputs, weights), batch.targets))
    const { value, grad } = tf.valueAndGrad(loss)(state.weights)
    const step = tf.add(state.step, 1)
    const weights = tf.sub(state.weights, tf.mul(grad, 0.1))
    return { state: { weights, step }, metrics: { loss: value, step: step as tf.Scalar } }
  }
}

/** Normals of a shape, equal for equal names. */
export function normals(shape: readonly number[], stream: string): Float32Array {
  const data = new Float32Array(sizeOf(shape))
  fillNormal(data, { seed: 1, stream, step: 0 })
  return data
}

export const regressionState = (): HostTensors => ({ weights: floats([3, 1]), step: floats([]) })

/** Columns of `rows` rows for any program. */
export function columnsFor(program: Program, rows: number): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(program.columns).map(([name, { width }]) => [
      name,
      normals([rows, width], `column/${name}`)
    ])
  )
}

/** A request for steps `from` to `from + steps`; the same step always gets the same numbers. */
export function requestFor(program: Program, rows: number, from: number, steps: number): RunRequest {
  const indices = new Int32Array(steps * program.batchSize)
  const noise = Object.fromEntries(
    Object.entries(program.noise).map(([name, { shape }]) => [name, new Float32Array(steps * sizeOf(shape))])
  )
  for (let i = 0; i < steps; i++) {
    const step = from + i
    fillIntegers(indices.subarray(i * program.batchSize, (i + 1) * program.batchSize), rows, {
      seed: 1,
      stream: 'batch',
      step
    })
    for (const [name, { shape }] of Object.entries(program.noise)) {
      const size = sizeOf(shape)
      fillNormal(noise[name].subarray(i * size, (i + 1) * size), { seed: 1, stream: name, step })
    }
  }
  return { steps, indices, noise }
}
