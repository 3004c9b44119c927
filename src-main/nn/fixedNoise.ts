import { tensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { fillNormal } from '../base/random.ts'
import { sizeOf } from '../base/tensors.ts'

/** The same standard normals at every call, as a constant: for values and diagnoses that must not depend on a draw. */
export function fixedNormals(name: string, shape: readonly number[]): Tensor {
  const values = new Float32Array(sizeOf(shape))
  fillNormal(values, { seed: 0, stream: `fixed/${name}`, step: 0 })
  return tensor(values, [...shape])
}
