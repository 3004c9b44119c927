import { add, clipByValue, exp, matMul, mul, relu, softplus, sub, sum, tanh } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Problem, Tensors } from '../../algorithms/algorithm.ts'
import { floats } from '../../base/tensors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import { initAdam } from '../../nn/adam.ts'
import { makeTwinCritic } from '../../nn/critic.ts'
import type { TwinCritic } from '../../nn/critic.ts'
import { initMlp } from '../../nn/mlp.ts'
import { copyOf, part, prefixed } from '../../nn/parameters.ts'

export interface SacSizes {
  readonly observationSize: number
  readonly actionSize: number
  readonly hiddenSizes: readonly number[]
}

/** Both critics, Q(s, a) of actions in [-1, 1]. */
export function criticOf({ observationSize, actionSize, hiddenSizes }: SacSizes): TwinCritic {
  const action = { kind: 'continuous', size: actionSize } as const
  const problem: Problem = { observationSize, action, unboundedActions: false }
  return makeTwinCritic(problem, hiddenSizes, 'uniform')
}

/**
 * Initial state of SAC: `actor/` a network of the mean with a second head `logStd/`, `critic/{1,2}/` and their targets, the logarithm
 * of the temperature (zero at first), the moments of Adam and `step`.
 */
export function initSac(sizes: SacSizes, seed: number): HostTensors {
  const { observationSize, actionSize, hiddenSizes } = sizes
  const last = hiddenSizes[hiddenSizes.length - 1]
  const actor = {
    ...initMlp([observationSize, ...hiddenSizes, actionSize], 'uniform', seed, 'collect/sac/actor'),
    ...prefixed('logStd', part(initMlp([last, actionSize], 'uniform', seed, 'collect/sac/logStd'), '0'))
  }
  const critic = criticOf(sizes).init(seed)
  const temperature = { log: floats([1]) }
  return {
    ...prefixed('actor', actor),
    ...prefixed('critic', critic),
    ...prefixed('targetCritic', copyOf(critic)),
    ...prefixed('temperature', temperature),
    ...initAdam('actor', actor),
    ...initAdam('critic', critic),
    ...initAdam('temperature', temperature),
    step: floats([])
  }
}

const linear = (x: Tensor, params: Tensors, layer: string): Tensor2D =>
  add(matMul(x as Tensor2D, params[`${layer}/kernel`] as Tensor2D), params[`${layer}/bias`])

/** Mean and log standard deviation of the actions before they are squashed, [B, A] each. @param params `0/kernel` ..., `logStd/kernel` ... */
export function beforeSquash(
  params: Tensors,
  observations: Tensor
): { readonly mean: Tensor2D; readonly logStd: Tensor2D } {
  const layers = Object.keys(params).filter(name => /^\d+\/kernel$/.test(name)).length
  let hidden = observations
  for (let layer = 0; layer < layers - 1; layer++) hidden = relu(linear(hidden, params, `${layer}`))
  const logStd = clipByValue(linear(hidden, params, 'logStd'), -20, 2)
  return { mean: linear(hidden, params, `${layers - 1}`), logStd }
}

/**
 * A squashed draw a = tanh(u), u = mean + std noise, and its log-likelihood
 *   log N(u) - sum_i log(1 - tanh(u_i)^2),  log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u))
 * @param noise standard normals [B, A]
 * @returns actions [B, A] and likelihoods [B]
 */
export function squashedDraw(
  params: Tensors,
  observations: Tensor,
  noise: Tensor
): { readonly actions: Tensor2D; readonly logLikelihoods: Tensor1D } {
  const { mean, logStd } = beforeSquash(params, observations)
  const u = add<Tensor2D>(mean, mul(exp(logStd), noise))
  const normal = sub(mul(mul(noise, noise), -0.5), add(logStd, 0.5 * Math.log(2 * Math.PI)))
  const squash = mul(sub(sub(Math.LN2, u), softplus(mul(u, -2))), 2)
  return { actions: tanh(u), logLikelihoods: sum(sub(normal, squash), 1) }
}
