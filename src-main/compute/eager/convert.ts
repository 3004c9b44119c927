import * as tf from '@tensorflow/tfjs-core'
import type { HostTensor, HostTensors, NumericArray, TensorSpecs } from '../../base/tensors.ts'

/** A tfjs tensor holding a copy of the data. */
export function toDevice(tensor: HostTensor): tf.Tensor {
  return tf.tensor(tensor.data.slice(), [...tensor.shape], tensor.dtype)
}

/** Copies named tensors to the current backend. */
export function allToDevice(tensors: HostTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toDevice(tensor)]))
}

/** A copy of a tensor's values in plain memory. */
export function toHost(tensor: tf.Tensor): NumericArray {
  return tensor.dataSync().slice()
}

/** Tensors for named arrays, with the shapes and types of the specs. */
export function inputsToDevice(
  specs: TensorSpecs,
  inputs: Readonly<Record<string, NumericArray>>
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => [
      name,
      toDevice({ shape, dtype, data: inputs[name] })
    ])
  )
}
