import { concat, minimum, mul, reshape, sum } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Problem, Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { Initialization } from './initializers.ts'
import { initMlp, mlp } from './mlp.ts'
import { part, prefixed } from './parameters.ts'

/**
 * Two Q functions with parameters `1/...` and `2/...`, for continuous and discrete actions alike.
 * Continuous: Q(s, a) is a network of both. Discrete: a network of s with one output per action.
 */
export interface TwinCritic {
  init(seed: number): HostTensors
  /** Q1 and Q2 of given actions ([B, A], or one-hot [B, count]); [B] each. */
  both(params: Tensors, observations: Tensor, actions: Tensor): readonly [Tensor1D, Tensor1D]
  /** The smaller of the two at given actions, [B]. */
  minimum(params: Tensors, observations: Tensor, actions: Tensor): Tensor1D
  /**
   * The smaller of the two under a policy, [B].
   * @param policyActions actions [B, A], or the policy's probabilities [B, count] to sum over exactly
   */
  underPolicy(params: Tensors, observations: Tensor, policyActions: Tensor): Tensor1D
}

/** The twin critics that fit the problem's actions. */
export function makeTwinCritic(
  problem: Problem,
  hiddenSizes: readonly number[],
  initialization: Initialization
): TwinCritic {
  const { observationSize, action } = problem
  const sizes =
    action.kind === 'continuous'
      ? [observationSize + action.size, ...hiddenSizes, 1]
      : [observationSize, ...hiddenSizes, action.count]
  const q = action.kind === 'continuous' ? continuousQ : discreteQ
  const both = (params: Tensors, observations: Tensor, actions: Tensor): readonly [Tensor1D, Tensor1D] => [
    q(part(params, '1'), observations, actions),
    q(part(params, '2'), observations, actions)
  ]
  const smaller = (params: Tensors, observations: Tensor, actions: Tensor): Tensor1D =>
    minimum<Tensor1D>(...both(params, observations, actions))
  const expected = (params: Tensors, observations: Tensor, probabilities: Tensor): Tensor1D =>
    sum(
      mul(minimum(mlp(part(params, '1'), observations), mlp(part(params, '2'), observations)), probabilities),
      1
    )
  return {
    init: seed => ({
      ...prefixed('1', initMlp(sizes, initialization, seed, 'init/critic/1')),
      ...prefixed('2', initMlp(sizes, initialization, seed, 'init/critic/2'))
    }),
    both,
    minimum: smaller,
    underPolicy: action.kind === 'continuous' ? smaller : expected
  }
}

function continuousQ(params: Tensors, observations: Tensor, actions: Tensor): Tensor1D {
  return flat(mlp(params, concat([observations as Tensor2D, actions as Tensor2D], 1)))
}

function discreteQ(params: Tensors, observations: Tensor, oneHot: Tensor): Tensor1D {
  return sum(mul(mlp(params, observations), oneHot), 1)
}

/** Initial parameters of a state-value network. */
export function initValue(
  problem: Problem,
  hiddenSizes: readonly number[],
  initialization: Initialization,
  seed: number
): HostTensors {
  return initMlp([problem.observationSize, ...hiddenSizes, 1], initialization, seed, 'init/value')
}

/** V(observations), [B]. */
export function stateValue(params: Tensors, observations: Tensor): Tensor1D {
  return flat(mlp(params, observations))
}

/** A column [B, 1] as a vector [B]. */
export function flat(column: Tensor): Tensor1D {
  return reshape(column, [column.shape[0]])
}
