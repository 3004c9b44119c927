import { add, cos, mul } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'

/**
 * Learning rate of the next step: constant, or rate * (1 + cos(pi step / total)) / 2.
 * @param step steps already taken, a scalar tensor
 * @param total length of the cosine in gradient steps
 */
export function scheduledRate(
  schedule: 'constant' | 'cosine',
  rate: number,
  step: Tensor,
  total: number
): number | Scalar {
  if (schedule === 'constant') return rate
  return mul<Scalar>(add(cos(mul(step, Math.PI / total)), 1), rate / 2)
}

/** The step counter after this update. */
export const nextStep = (state: Tensors): Tensor => add(state.step, 1)
