/**
 * Advantage-weighted regression on a fixed dataset (Peng, Kumar, Zhang and Levine 2019).
 * Reference code read: xbpeng/awr `learning/awr_agent.py`.
 *
 * Differences
 * 1. Offline: returns of the data's own episodes; with `lambda` 1 (the default; the reference uses 0.95) they are Monte-Carlo
 *    returns-to-go and change only where a truncated episode is bootstrapped by V of its final observation.
 * 2. V and the policy learn together, one step each per batch, by Adam; TD(lambda) returns are computed over the whole training part
 *    every `refreshEvery` steps instead of once per iteration.
 * 3. The spread of the policy is learned; its mean is squashed by tanh, which replaces the penalty on means beyond the bounds.
 */
import { div, mean, mul, neg, square, sub } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { floats } from '../base/tensors.ts'
import type { HostTensors } from '../base/tensors.ts'
import { adam, initAdam } from '../nn/adam.ts'
import { flat, initValue, stateValue } from '../nn/critic.ts'
import { gradientNorm, valueAndGradients } from '../nn/gradients.ts'
import type { Loss } from '../nn/gradients.ts'
import { dropoutNoise } from '../nn/mlp.ts'
import type { Dropout } from '../nn/mlp.ts'
import { part, prefixed } from '../nn/parameters.ts'
import { makePolicy } from '../nn/policy.ts'
import type { Policy } from '../nn/policy.ts'
import { nextStep, scheduledRate } from '../nn/schedules.ts'
import { exponentialWeights } from '../nn/weights.ts'
import type { Algorithm, Metrics, Problem, Tensors } from './algorithm.ts'
import { field, sharedFields, valueFields, weightFields, withDefault } from './config.ts'
import { policyMetricNames, policyMetrics, weightMetricNames, weightMetrics } from './diagnosis.ts'
import { presetsOf } from './presets.ts'
import { returnColumns } from './returns.ts'
import { bootstrappableRows } from './rows.ts'

const schema = z.object({
  lambda: field(
    z.number().min(0).max(1).default(1),
    'How far the return looks along the episode before V takes over: 1 is the Monte-Carlo return-to-go, 0 the one-step ' +
      "r + discount V(s'), between them TD(lambda). Larger values trust the episode, smaller ones V.",
    { title: 'Lambda', section: 'algorithm' }
  ),
  temperature: field(
    z.number().positive().max(1e6).default(1),
    'Divisor of the advantage in the weights exp(advantage / temperature). Small values follow the best actions closely and use few ' +
      'of the data; large ones approach behaviour cloning.',
    { title: 'Temperature', section: 'algorithm' }
  ),
  standardiseAdvantage: field(
    z.boolean().default(true),
    'Shift and scale the advantages to mean 0 and standard deviation 1 over the training part before the temperature divides them. ' +
      'Without it the temperature is in reward units.',
    { title: 'Standardise advantages', section: 'algorithm' }
  ),
  maxAdvantageWeight: withDefault(weightFields.maxAdvantageWeight, 20),
  refreshEvery: field(
    z.int().min(1).max(1_000_000).default(1_000),
    'Gradient steps between recomputations of the returns with the present V over the whole training part. Larger values are faster ' +
      'and let the returns age.',
    { title: 'Refresh returns every', section: 'algorithm', unit: 'gradient steps' }
  ),
  discount: valueFields.discount,
  valueLearningRate: valueFields.valueLearningRate,
  ...sharedFields
})
export type AwrConfig = z.infer<typeof schema>

// State: actor/*, value/*, {actor,value}Optimizer/{gradientSum,squareSum}/*, step.

function policyOf({ hiddenSizes }: AwrConfig, problem: Problem): Policy {
  const logStdRange = [-5, 2] as const
  return makePolicy(problem, {
    hiddenSizes,
    initialization: 'uniform',
    tanhMean: true,
    logStdRange,
    stochastic: true
  })
}

function init(config: AwrConfig, problem: Problem, seed: number): HostTensors {
  const actor = policyOf(config, problem).init(seed)
  const value = initValue(problem, config.hiddenSizes, 'uniform', seed)
  return {
    ...prefixed('actor', actor),
    ...prefixed('value', value),
    ...initAdam('actor', actor),
    ...initAdam('value', value),
    step: floats([])
  }
}

/**
 * Loss of the value function (AWR, algorithm 1): L_V = mean (R - V(s))^2
 * @param returns returns of the data by `lambda`, [B], in scaled reward units
 */
function valueLoss(value: Tensors, observations: Tensor, returns: Tensor1D): Loss {
  const v = stateValue(value, observations) // [B]
  return { loss: mean(square(sub(returns, v))), extras: { v } }
}

/**
 * Advantages and weights: A = R - V(s), weight = min(exp(A / temperature), maxAdvantageWeight), A standardised first if asked.
 * @returns `advantage` in reward units, `scaled` = A / temperature, `weights`; [B] each
 */
function weigh(config: AwrConfig, value: Tensors, batch: Tensors) {
  const advantage: Tensor1D = sub(flat(batch.returns), stateValue(value, batch.observations))
  const standard: Tensor1D = config.standardiseAdvantage
    ? div(sub(advantage, flat(batch.advantageCentre)), flat(batch.advantageScale))
    : advantage
  const scaled: Tensor1D = mul(standard, 1 / config.temperature)
  return { advantage, scaled, weights: exponentialWeights(scaled, config.maxAdvantageWeight) }
}

/** Loss of the policy (AWR, algorithm 1): L_pi = mean -weight log pi(a | s), weights [B] without gradient. */
function actorLoss(
  policy: Policy,
  actor: Tensors,
  batch: Tensors,
  weights: Tensor1D,
  dropout?: Dropout
): Scalar {
  return neg(mean(mul(weights, policy.logLikelihood(actor, batch.observations, batch.actions, dropout))))
}

/** The order of the paper: value, then policy with the new value. */
function update(config: AwrConfig, problem: Problem) {
  const policy = policyOf(config, problem)
  return (state: Tensors, batch: Tensors, noise: Tensors): { state: Tensors; metrics: Metrics } => {
    const forValue = valueAndGradients(
      value => valueLoss(value, batch.observations, flat(batch.returns)),
      part(state, 'value')
    )
    const newValue = adam(state, 'value', forValue.gradients, config.valueLearningRate)

    const { advantage, scaled, weights } = weigh(config, part(newValue, 'value'), batch)
    const dropout = { rate: config.dropout, noise: part(noise, 'dropout') }
    const forActor = valueAndGradients(
      actor => ({ loss: actorLoss(policy, actor, batch, weights, dropout) }),
      part(state, 'actor')
    )
    const rate = scheduledRate(
      config.learningRateSchedule,
      config.actorLearningRate,
      state.step,
      config.gradientSteps
    )
    const newActor = adam(state, 'actor', forActor.gradients, rate, config.weightDecay)
    return {
      state: { ...state, ...newValue, ...newActor, step: nextStep(state) },
      metrics: {
        valueLoss: forValue.loss,
        actorLoss: forActor.loss,
        value: mean(forValue.extras.v),
        ...weightMetrics(advantage, scaled, weights, config.maxAdvantageWeight),
        valueGradientNorm: gradientNorm(forValue.gradients),
        actorGradientNorm: gradientNorm(forActor.gradients)
      }
    }
  }
}

const updateMetrics = [
  ...['valueLoss', 'actorLoss', 'value'],
  ...weightMetricNames,
  ...['valueGradientNorm', 'actorGradientNorm']
]

function act(config: AwrConfig, problem: Problem) {
  const policy = policyOf(config, problem)
  return (params: Tensors, inputs: Tensors): Tensors => policy.act(part(params, 'actor'), inputs.observations)
}

function diagnose(config: AwrConfig, problem: Problem) {
  const policy = policyOf(config, problem)
  const fn = (state: Tensors, batch: Tensors): Metrics => {
    const [actor, value] = [part(state, 'actor'), part(state, 'value')]
    const { advantage, scaled, weights } = weigh(config, value, batch)
    return {
      valueLoss: valueLoss(value, batch.observations, flat(batch.returns)).loss,
      actorLoss: actorLoss(policy, actor, batch, weights),
      value: mean(stateValue(value, batch.observations)),
      ...weightMetrics(advantage, scaled, weights, config.maxAdvantageWeight),
      ...policyMetrics(policy, actor, batch.observations, batch.actions)
    }
  }
  return { names: [...['valueLoss', 'actorLoss', 'value'], ...weightMetricNames, ...policyMetricNames], fn }
}

export const awr: Algorithm<AwrConfig> = {
  id: 'awr',
  title: 'Advantage-weighted regression',
  shortTitle: 'AWR',
  summary:
    'Fits V to the returns of the data and imitates actions weighted by how much better their episode went. ' +
    'Improves on the behaviour without bootstrapping.',
  source: 'Peng, Kumar, Zhang and Levine 2019, arXiv:1910.00177; xbpeng/awr',
  actions: ['continuous', 'discrete'],
  schema,
  presets: presetsOf<AwrConfig>({
    locomotion: { lambda: 0.95, normalizeObservations: true, rewardScaling: 'returnRange' },
    maze: { normalizeObservations: true },
    teaching: { temperature: 0.05, standardiseAdvantage: false, valueLearningRate: 1e-3 },
    control: { valueLearningRate: 1e-3 }
  }),
  needs: () => ['rewards', 'episodes'],
  batchColumns: config => [
    ...['observations', 'actions', 'returns'],
    ...(config.standardiseAdvantage ? ['advantageCentre', 'advantageScale'] : [])
  ],
  noise: config => dropoutNoise('dropout', config.dropout, config.hiddenSizes, config.batchSize),
  init,
  update,
  metrics: () => updateMetrics,
  policyParameters: (_config, _problem, state) =>
    Object.keys(state).filter(name => /^(actor|value)\//.test(name)),
  act,
  values: () => (params, inputs) => ({ v: stateValue(part(params, 'value'), inputs.observations) }),
  diagnose,
  select: (_config, view) => bootstrappableRows(view),
  derived: config => returnColumns(config)
}
