/**
 * Implicit Q-learning (Kostrikov, Nair and Levine 2021): expectile regression of V, advantage-weighted regression of the
 * policy, and Q learning that never queries an action outside the data.
 * Reference code read: ikostrikov/implicit_q_learning (`learner.py`, `actor.py`, `critic.py`, `policy.py`).
 *
 * Differences
 * 1. Discrete actions: a categorical policy and one Q output per action.
 * 2. Actions of the data are not clipped to +-(1 - 1e-5); the policy's distribution is not squashed, so nothing needs it.
 * 3. The preset `locomotion` standardises observations, as CORL does and the official code does not (docs/decisions/0019).
 */
import { add, mean, mul, neg, square, sub } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { floats } from '../base/tensors.ts'
import type { HostTensors } from '../base/tensors.ts'
import { adam, initAdam } from '../nn/adam.ts'
import { flat, initValue, makeTwinCritic, stateValue } from '../nn/critic.ts'
import type { TwinCritic } from '../nn/critic.ts'
import { gradientNorm, valueAndGradients } from '../nn/gradients.ts'
import type { Loss } from '../nn/gradients.ts'
import { expectileLoss } from '../nn/losses.ts'
import { dropoutNoise } from '../nn/mlp.ts'
import type { Dropout } from '../nn/mlp.ts'
import { copyOf, part, prefixed } from '../nn/parameters.ts'
import { makePolicy } from '../nn/policy.ts'
import type { Policy } from '../nn/policy.ts'
import { polyak } from '../nn/polyak.ts'
import { nextStep, scheduledRate } from '../nn/schedules.ts'
import { exponentialWeights } from '../nn/weights.ts'
import type { Algorithm, Metrics, Problem, Tensors } from './algorithm.ts'
import { field, sharedFields, valueFields, weightFields, withDefault } from './config.ts'
import {
  criticMetricNames,
  criticMetrics,
  policyMetricNames,
  policyMetrics,
  weightMetricNames,
  weightMetrics
} from './diagnosis.ts'
import { presetsOf } from './presets.ts'
import { bootstrappableRows } from './rows.ts'

const schema = z.object({
  expectile: field(
    z.number().gt(0).lt(1).default(0.7),
    'Which part of the Q values at data actions V follows: 0.5 is their mean, towards 1 it approaches the best action in the data ' +
      'and stitches more boldly, with more noise. The lecture writes lambda = 1 - expectile.',
    { title: 'Expectile', section: 'algorithm' }
  ),
  inverseTemperature: field(
    z.number().min(0).max(1000).default(3),
    'Factor on the advantage in the weights exp(factor x advantage): 0 is behaviour cloning; larger values follow the best actions ' +
      'more closely and use fewer of the data. Its unit is 1 / reward.',
    { title: 'Inverse temperature', section: 'algorithm', unit: '1 / reward' }
  ),
  maxAdvantageWeight: withDefault(weightFields.maxAdvantageWeight, 100),
  ...valueFields,
  ...sharedFields,
  learningRateSchedule: withDefault(sharedFields.learningRateSchedule, 'cosine')
})
export type IqlConfig = z.infer<typeof schema>

// State: actor/*, critic/{1,2}/*, targetCritic/{1,2}/*, value/*, {actor,critic,value}Optimizer/{gradientSum,squareSum}/*, step.

interface Parts {
  readonly policy: Policy
  readonly critic: TwinCritic
}

function parts({ hiddenSizes }: IqlConfig, problem: Problem): Parts {
  const initialization = 'orthogonal'
  const logStdRange = [-5, 2] as const
  return {
    policy: makePolicy(problem, {
      hiddenSizes,
      initialization,
      tanhMean: true,
      logStdRange,
      stochastic: true
    }),
    critic: makeTwinCritic(problem, hiddenSizes, initialization)
  }
}

function init(config: IqlConfig, problem: Problem, seed: number): HostTensors {
  const { policy, critic } = parts(config, problem)
  const actor = policy.init(seed)
  const twins = critic.init(seed)
  const value = initValue(problem, config.hiddenSizes, 'orthogonal', seed)
  return {
    ...prefixed('actor', actor),
    ...prefixed('critic', twins),
    ...prefixed('targetCritic', copyOf(twins)),
    ...prefixed('value', value),
    ...initAdam('actor', actor),
    ...initAdam('critic', twins),
    ...initAdam('value', value),
    step: floats([])
  }
}

/**
 * Expectile loss of the value function (IQL, eq. 5):
 *   L_V = mean |expectile - 1(u < 0)| u^2,  u = min Q_target(s, a) - V(s)
 * @param targetQ smaller target Q at data actions, [B]
 */
function valueLoss(config: IqlConfig, value: Tensors, observations: Tensor, targetQ: Tensor1D): Loss {
  const v = stateValue(value, observations) // [B]
  return { loss: expectileLoss(sub(targetQ, v), config.expectile), extras: { v } }
}

/**
 * Loss of the policy by advantage-weighted regression (IQL, eq. 7):
 *   L_pi = mean -min(exp(inverseTemperature A), maxAdvantageWeight) log pi(a | s)
 * @param weights without gradient, [B]
 * @param actions [B, A], or one-hot [B, count]
 */
function actorLoss(
  policy: Policy,
  actor: Tensors,
  observations: Tensor,
  actions: Tensor,
  weights: Tensor1D,
  dropout?: Dropout
): Scalar {
  return neg(mean(mul(weights, policy.logLikelihood(actor, observations, actions, dropout))))
}

/**
 * Loss of both critics (IQL, eq. 6):
 *   L_Q = sum_i mean (r + discount nonTerminal V(s') - Q_i(s, a))^2
 * @param targets right-hand side without gradient, [B], in scaled reward units
 */
function criticLoss(
  critic: TwinCritic,
  params: Tensors,
  observations: Tensor,
  actions: Tensor,
  targets: Tensor1D
): Loss {
  const [q1, q2] = critic.both(params, observations, actions) // [B]
  const loss = add<Scalar>(mean(square(sub(targets, q1))), mean(square(sub(targets, q2))))
  return { loss, extras: { q1, q2 } }
}

/** r + discount nonTerminal V(s'), [B]. */
function criticTargets(config: IqlConfig, value: Tensors, batch: Tensors): Tensor1D {
  const next = mul(flat(batch.nonTerminal), stateValue(value, batch.nextObservations))
  return add(flat(batch.rewards), mul(next, config.discount))
}

/** The order of the reference: value, policy with the new value, critics with the new value, targets. */
function update(config: IqlConfig, problem: Problem) {
  const { policy, critic } = parts(config, problem)
  return (state: Tensors, batch: Tensors, noise: Tensors): { state: Tensors; metrics: Metrics } => {
    const { observations, actions } = batch
    const targetQ = critic.minimum(part(state, 'targetCritic'), observations, actions) // [B]

    const forValue = valueAndGradients(
      value => valueLoss(config, value, observations, targetQ),
      part(state, 'value')
    )
    const newValue = adam(state, 'value', forValue.gradients, config.valueLearningRate)

    // A = min Q_target(s, a) - V(s)
    const advantage: Tensor1D = sub(targetQ, stateValue(part(newValue, 'value'), observations)) // [B]
    const scaled: Tensor1D = mul(advantage, config.inverseTemperature)
    const weights = exponentialWeights(scaled, config.maxAdvantageWeight)
    const dropout = { rate: config.dropout, noise: part(noise, 'dropout') }
    const forActor = valueAndGradients(
      actor => ({ loss: actorLoss(policy, actor, observations, actions, weights, dropout) }),
      part(state, 'actor')
    )
    const rate = scheduledRate(
      config.learningRateSchedule,
      config.actorLearningRate,
      state.step,
      config.gradientSteps
    )
    const newActor = adam(state, 'actor', forActor.gradients, rate, config.weightDecay)

    const targets = criticTargets(config, part(newValue, 'value'), batch)
    const forCritic = valueAndGradients(
      params => criticLoss(critic, params, observations, actions, targets),
      part(state, 'critic')
    )
    const newCritic = adam(state, 'critic', forCritic.gradients, config.criticLearningRate)

    const newTarget = polyak({ ...state, ...newCritic }, 'critic', 'targetCritic', config.polyak)
    return {
      state: { ...state, ...newValue, ...newActor, ...newCritic, ...newTarget, step: nextStep(state) },
      metrics: {
        valueLoss: forValue.loss,
        actorLoss: forActor.loss,
        criticLoss: forCritic.loss,
        q1: mean(forCritic.extras.q1),
        q2: mean(forCritic.extras.q2),
        value: mean(forValue.extras.v),
        ...weightMetrics(advantage, scaled, weights, config.maxAdvantageWeight),
        valueGradientNorm: gradientNorm(forValue.gradients),
        actorGradientNorm: gradientNorm(forActor.gradients),
        criticGradientNorm: gradientNorm(forCritic.gradients)
      }
    }
  }
}

const updateMetrics = [
  ...['valueLoss', 'actorLoss', 'criticLoss', 'q1', 'q2', 'value'],
  ...weightMetricNames,
  ...['valueGradientNorm', 'actorGradientNorm', 'criticGradientNorm']
]

function act(config: IqlConfig, problem: Problem) {
  const { policy } = parts(config, problem)
  return (params: Tensors, inputs: Tensors): Tensors => policy.act(part(params, 'actor'), inputs.observations)
}

function values(config: IqlConfig, problem: Problem) {
  const { critic } = parts(config, problem)
  return (params: Tensors, { observations, actions }: Tensors): Tensors => ({
    q: critic.minimum(part(params, 'critic'), observations, actions),
    v: stateValue(part(params, 'value'), observations)
  })
}

const diagnosed = [
  ...['valueLoss', 'actorLoss', 'criticLoss', 'value'],
  ...criticMetricNames,
  ...weightMetricNames,
  ...policyMetricNames
]

function diagnose(config: IqlConfig, problem: Problem) {
  const { policy, critic } = parts(config, problem)
  const fn = (state: Tensors, batch: Tensors): Metrics => {
    const { observations, actions } = batch
    const [actor, value, twins] = [part(state, 'actor'), part(state, 'value'), part(state, 'critic')]
    const targetQ = critic.minimum(part(state, 'targetCritic'), observations, actions)
    const v = stateValue(value, observations)
    const advantage: Tensor1D = sub(targetQ, v)
    const scaled: Tensor1D = mul(advantage, config.inverseTemperature)
    const weights = exponentialWeights(scaled, config.maxAdvantageWeight)
    return {
      valueLoss: valueLoss(config, value, observations, targetQ).loss,
      actorLoss: actorLoss(policy, actor, observations, actions, weights),
      criticLoss: criticLoss(critic, twins, observations, actions, criticTargets(config, value, batch)).loss,
      value: mean(v),
      ...criticMetrics(critic, twins, observations, actions, policy.mode(actor, observations)),
      ...weightMetrics(advantage, scaled, weights, config.maxAdvantageWeight),
      ...policyMetrics(policy, actor, observations, actions)
    }
  }
  return { names: diagnosed, fn }
}

export const iql: Algorithm<IqlConfig> = {
  id: 'iql',
  title: 'Implicit Q-learning',
  shortTitle: 'IQL',
  summary:
    'Learns the value of the best actions in the data without ever asking about others, then imitates the actions that beat it. ' +
    'Stitches parts of different episodes.',
  source: 'Kostrikov, Nair and Levine 2021, arXiv:2110.06169; ikostrikov/implicit_q_learning',
  actions: ['continuous', 'discrete'],
  schema,
  presets: presetsOf<IqlConfig>({
    locomotion: {
      expectile: 0.7,
      inverseTemperature: 3,
      normalizeObservations: true,
      rewardScaling: 'returnRange'
    },
    maze: { expectile: 0.9, inverseTemperature: 10, rewardScaling: 'minusOne' },
    teaching: { expectile: 0.9, inverseTemperature: 20, criticLearningRate: 1e-3, valueLearningRate: 1e-3 },
    control: { rewardScaling: 'standardize', criticLearningRate: 1e-3, valueLearningRate: 1e-3 }
  }),
  needs: () => ['rewards', 'nextObservations'],
  batchColumns: () => ['observations', 'actions', 'rewards', 'nextObservations', 'nonTerminal'],
  noise: config => dropoutNoise('dropout', config.dropout, config.hiddenSizes, config.batchSize),
  init,
  update,
  metrics: () => updateMetrics,
  policyParameters: (_config, _problem, state) =>
    Object.keys(state).filter(name => /^(actor|critic|value)\//.test(name)),
  act,
  values,
  diagnose,
  select: (_config, view) => bootstrappableRows(view)
}
