/** A numeric array in plain memory with its shape: what crosses between files, processes and engines. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly data: NumericArray
}

export type Dtype = 'float32' | 'int32' | 'bool'
export type NumericArray = Float32Array | Int32Array | Uint8Array
/** Named tensors. Names are paths such as `actor/0/kernel`; `/` groups, so prefixes select parts. */
export type HostTensors = Readonly<Record<string, HostTensor>>

export interface TensorSpec {
  readonly shape: readonly number[]
  readonly dtype: Dtype
}
export type TensorSpecs = Readonly<Record<string, TensorSpec>>

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** A float32 host tensor; zeros when no data is given. */
export function floats(
  shape: readonly number[],
  data: Float32Array = new Float32Array(sizeOf(shape))
): HostTensor {
  return { shape, dtype: 'float32', data }
}

/** Shapes and types of host tensors, without their data. */
export function specsOf(tensors: HostTensors): TensorSpecs {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }])
  )
}
