import {
  type Dtype,
  type HostTensor,
  type NumericArray,
  sizeOf,
  type TensorSpec
} from '../../base/tensors.ts'
import { type OrtTensor, runtime } from './runtime.ts'

/** A tensor over the given memory, not a copy. */
export function wrap(data: NumericArray, shape: readonly number[], dtype: Dtype): OrtTensor {
  const { Tensor } = runtime()
  return new Tensor(dtype, data as Float32Array, [...shape])
}

/** A tensor holding a copy of the data. */
export const copyIn = ({ data, shape, dtype }: HostTensor): OrtTensor => wrap(data.slice(), shape, dtype)

/** A copy of a tensor's values, checked against its spec. */
export function copyOut(tensor: OrtTensor, { shape, dtype }: TensorSpec): HostTensor {
  const data = (tensor.data as NumericArray).slice()
  if (data.length !== sizeOf(shape))
    throw new Error(`a result has ${data.length} values, expected ${sizeOf(shape)}`)
  return { shape, dtype, data }
}

/** A scalar of type int64. */
export function int64(value: number): OrtTensor {
  const { Tensor } = runtime()
  return new Tensor('int64', BigInt64Array.of(BigInt(value)), [])
}
