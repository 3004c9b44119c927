import { exp, logSoftmax, max, mul, neg, step, sub, sum } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'

/**
 * log p(action) of one-hot actions.
 * @param logits [B, count]
 * @param actions one-hot [B, count]
 * @returns [B]
 */
export function categoricalLogLikelihood(logits: Tensor2D, actions: Tensor): Tensor1D {
  return sum(mul(logSoftmax(logits), actions), 1)
}

/** Probabilities of the actions, [B, count]. */
export function probabilities(logits: Tensor2D): Tensor2D {
  return exp(logSoftmax(logits))
}

/** Entropy of each row's distribution in nats, [B]. */
export function categoricalEntropy(logits: Tensor2D): Tensor1D {
  const logP = logSoftmax(logits)
  return neg(sum(mul(exp(logP), logP), 1))
}

/** 1 where the most likely action is not the given one-hot action, else 0; [B]. */
export function categoricalMismatch(logits: Tensor2D, actions: Tensor): Tensor1D {
  return step(sub(max(logits, 1), sum(mul(logits, actions), 1)))
}
