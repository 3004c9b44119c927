/**
 * Behaviour cloning: supervised learning of the data's actions (Pomerleau 1989).
 * Reference code read: CORL `algorithms/offline/any_percent_bc.py` (squared error), rlkit (likelihood).
 *
 * Differences
 * 1. The likelihood's spread is free of the observation, as in the reference IQL, so that it can be compared across algorithms.
 * 2. Discrete actions: negative log-likelihood without d3rlpy's logit penalty, or the Brier score for `mse`.
 */
import { mean, neg } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { HostTensors } from '../base/tensors.ts'
import { floats } from '../base/tensors.ts'
import { adam, initAdam } from '../nn/adam.ts'
import { gradientNorm, valueAndGradients } from '../nn/gradients.ts'
import { dropoutNoise } from '../nn/mlp.ts'
import type { Dropout } from '../nn/mlp.ts'
import { part, prefixed } from '../nn/parameters.ts'
import { makePolicy } from '../nn/policy.ts'
import type { Policy } from '../nn/policy.ts'
import { nextStep, scheduledRate } from '../nn/schedules.ts'
import type { Algorithm, Metrics, Problem, Tensors } from './algorithm.ts'
import { field, sharedFields } from './config.ts'
import { presetsOf } from './presets.ts'

export const bcFields = {
  loss: field(
    z.enum(['likelihood', 'mse']).default('likelihood'),
    'What is minimised: the negative log-likelihood of the actions under a Gaussian (or categorical) policy, or the mean squared ' +
      'error of the predicted action. The likelihood also learns how widely the actions scatter.',
    {
      title: 'Loss',
      section: 'algorithm',
      labels: { likelihood: 'Log-likelihood', mse: 'Mean squared error' }
    }
  )
}

const schema = z.object({ ...bcFields, ...sharedFields })
export type BcConfig = z.infer<typeof schema>

// State: actor/*, actorOptimizer/{gradientSum,squareSum}/*, step.

/** The policy of a cloning configuration. */
function bcPolicy(config: BcConfig, problem: Problem): Policy {
  return makePolicy(problem, {
    hiddenSizes: config.hiddenSizes,
    initialization: 'uniform',
    tanhMean: true,
    logStdRange: [-5, 2],
    stochastic: config.loss === 'likelihood'
  })
}

function init(config: BcConfig, problem: Problem, seed: number): HostTensors {
  const actor = bcPolicy(config, problem).init(seed)
  return { ...prefixed('actor', actor), ...initAdam('actor', actor), step: floats([]) }
}

/**
 * Loss of the policy on data:
 *   likelihood: L = mean -log pi(a | s)        mse: L = mean (pi(s) - a)^2, over the batch and action dimensions
 * @param actions [B, A], or one-hot [B, count]
 */
function cloningLoss(
  config: BcConfig,
  policy: Policy,
  actor: Tensors,
  observations: Tensor,
  actions: Tensor,
  dropout?: Dropout
): Scalar {
  return config.loss === 'likelihood'
    ? neg(mean(policy.logLikelihood(actor, observations, actions, dropout)))
    : mean(policy.squaredError(actor, observations, actions, dropout))
}

function update(config: BcConfig, problem: Problem) {
  const policy = bcPolicy(config, problem)
  return (state: Tensors, batch: Tensors, noise: Tensors): { state: Tensors; metrics: Metrics } => {
    const dropout = { rate: config.dropout, noise: part(noise, 'dropout') }
    const { loss, gradients } = valueAndGradients(
      actor => ({ loss: cloningLoss(config, policy, actor, batch.observations, batch.actions, dropout) }),
      part(state, 'actor')
    )
    const rate = scheduledRate(
      config.learningRateSchedule,
      config.actorLearningRate,
      state.step,
      config.gradientSteps
    )
    const actor = adam(state, 'actor', gradients, rate, config.weightDecay)
    return {
      state: { ...state, ...actor, step: nextStep(state) },
      metrics: { actorLoss: loss, actorGradientNorm: gradientNorm(gradients) }
    }
  }
}

function act(config: BcConfig, problem: Problem) {
  const policy = bcPolicy(config, problem)
  return (params: Tensors, inputs: Tensors): Tensors => policy.act(part(params, 'actor'), inputs.observations)
}

function diagnose(config: BcConfig, problem: Problem) {
  const policy = bcPolicy(config, problem)
  const hasLikelihood = config.loss === 'likelihood' || problem.action.kind === 'discrete'
  return {
    names: ['actorLoss', 'actionDistance', ...(hasLikelihood ? ['logLikelihood', 'entropy'] : [])],
    fn: (state: Tensors, { observations, actions }: Tensors): Metrics => {
      const actor = part(state, 'actor')
      const metrics = {
        actorLoss: cloningLoss(config, policy, actor, observations, actions),
        actionDistance: policy.actionDistance(actor, observations, actions)
      }
      if (!hasLikelihood) return metrics
      const logLikelihood: Scalar = mean(policy.logLikelihood(actor, observations, actions))
      return { ...metrics, logLikelihood, entropy: policy.entropy(actor, observations) }
    }
  }
}

export const bc: Algorithm<BcConfig> = {
  id: 'bc',
  title: 'Behaviour cloning',
  shortTitle: 'BC',
  summary:
    'Imitates the data: the policy is fitted to the recorded actions, rewards are not used. The baseline for everything else.',
  source: 'Pomerleau 1989, "ALVINN"; CORL any_percent_bc',
  actions: ['continuous', 'discrete'],
  schema,
  presets: presetsOf<BcConfig>({
    locomotion: { normalizeObservations: true },
    maze: { normalizeObservations: true },
    teaching: {},
    control: {}
  }),
  needs: () => [],
  batchColumns: () => ['observations', 'actions'],
  noise: config => dropoutNoise('dropout', config.dropout, config.hiddenSizes, config.batchSize),
  init,
  update,
  metrics: () => ['actorLoss', 'actorGradientNorm'],
  policyParameters: (_config, _problem, state) =>
    Object.keys(state).filter(name => name.startsWith('actor/')),
  act,
  diagnose
}
