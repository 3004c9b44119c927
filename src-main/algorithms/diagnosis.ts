import { mean, sub } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type { TwinCritic } from '../nn/critic.ts'
import type { Policy } from '../nn/policy.ts'
import { clippedShare, effectiveSampleShare, standardDeviation } from '../nn/weights.ts'
import type { Metrics, Tensors } from './algorithm.ts'

/** Names of the parts below, in their order. */
export const policyMetricNames = ['logLikelihood', 'actionDistance', 'entropy']
export const criticMetricNames = ['qData', 'qPolicy', 'qGap']
export const weightMetricNames = ['advantageMean', 'advantageStd', 'effectiveSampleShare', 'clippedShare']

/** How well the policy knows the data's actions. */
export function policyMetrics(
  policy: Policy,
  actor: Tensors,
  observations: Tensor,
  actions: Tensor
): Metrics {
  return {
    logLikelihood: mean(policy.logLikelihood(actor, observations, actions)),
    actionDistance: policy.actionDistance(actor, observations, actions),
    entropy: policy.entropy(actor, observations)
  }
}

/** What the smaller critic says of the data's actions and of the policy's own deterministic ones. */
export function criticMetrics(
  critic: TwinCritic,
  twins: Tensors,
  observations: Tensor,
  actions: Tensor,
  policyActions: Tensor
): Metrics {
  const qData: Tensor1D = critic.minimum(twins, observations, actions)
  const qPolicy: Tensor1D = critic.underPolicy(twins, observations, policyActions)
  return { qData: mean(qData), qPolicy: mean(qPolicy), qGap: mean(sub(qPolicy, qData)) }
}

/**
 * What the advantages [B] do to the batch.
 * @param scaled advantages times the inverse temperature, [B]
 */
export function weightMetrics(
  advantage: Tensor1D,
  scaled: Tensor1D,
  weights: Tensor1D,
  maximum: number
): Metrics {
  return {
    advantageMean: mean(advantage),
    advantageStd: standardDeviation(advantage),
    effectiveSampleShare: effectiveSampleShare(weights),
    clippedShare: clippedShare(scaled, maximum)
  }
}
