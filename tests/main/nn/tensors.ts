import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import type { Tensors } from '../../../src-main/algorithms/algorithm.ts'
import type { HostTensors } from '../../../src-main/base/tensors.ts'

tf.env().set('PROD', true)
void tf.setBackend('cpu')

/** Device copies of host tensors. */
export function onDevice(tensors: HostTensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data.slice(), [...shape], 'float32')
    ])
  )
}

/** Values of a tensor as plain numbers. */
export const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()]
