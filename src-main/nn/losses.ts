import { add, mean, mul, neg, relu, square } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'

/**
 * Mean of the asymmetric squared loss |expectile - 1(u < 0)| u^2, as expectile relu(u)^2 + (1 - expectile) relu(-u)^2,
 * which is the same number without a branch.
 * @param u residuals, target minus prediction, [B]
 * @param expectile in (0, 1); 0.5 is half the squared error
 */
export function expectileLoss(u: Tensor, expectile: number): Scalar {
  const above = mul(square(relu(u)), expectile)
  const below = mul(square(relu(neg(u))), 1 - expectile)
  return mean(add(above, below))
}
