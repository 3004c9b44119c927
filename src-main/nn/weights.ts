import {
  add,
  div,
  exp,
  logSoftmax,
  mean,
  minimum,
  mul,
  sqrt,
  square,
  step,
  sub,
  sum
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'

/**
 * Weights of an advantage-weighted regression: min(exp(x), maximum).
 * @param scaled advantages times the inverse temperature, [B]
 * @param maximum what a weight is clipped at
 */
export function exponentialWeights(scaled: Tensor1D, maximum: number): Tensor1D {
  return minimum(exp(scaled), maximum)
}

/** Softmax over the batch times the batch size, so that weights average to 1; [B]. */
export function softmaxWeights(scaled: Tensor1D): Tensor1D {
  return mul(exp(logSoftmax(scaled)), scaled.shape[0])
}

const tiny = 1e-30

/** (sum w)^2 / (B sum w^2): the share of the batch that the weights in effect use; 1 when all are equal, 0 when all vanish. */
export function effectiveSampleShare(weights: Tensor1D): Scalar {
  const shares = div(weights, add(sum(weights), tiny))
  return div(square(sum(shares)), add(mul(sum(square(shares)), weights.shape[0]), 1e-12))
}

/** Share of the batch whose exponential weight is clipped. */
export function clippedShare(scaled: Tensor1D, maximum: number): Scalar {
  return mean(step(sub(scaled, Math.log(maximum))))
}

/** Standard deviation over all elements (divided by n). */
export function standardDeviation(x: Tensor): Scalar {
  return sqrt(mean(square(sub(x, mean(x)))))
}
