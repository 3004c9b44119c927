/**
 * Advantage-weighted actor-critic (Nair, Dalal, Gupta and Levine 2020), with the next action from the policy (the paper's) or
 * from the data (the lecture's).
 * Reference code read: CORL `algorithms/offline/awac.py`, rlkit `torch/sac/awac_trainer.py`.
 *
 * Differences
 * 1. `nextAction: data` is in neither reference: Q(s, a) <- r + discount Q_target(s', a'), a' from the data, and from V where the
 *    data has no next action; V is regressed on Q at data actions, so that nothing outside the data is queried.
 * 2. The advantage is Q(s, a) - V(s) in both variants, V(s) being the mean of `valueSamples` policy samples: 1 as in the references,
 *    whose noise keeps weights alive (docs/decisions/0018).
 * 3. Discrete actions: expectations over the policy are exact.
 * 4. The log-standard-deviation is clipped to [-5, 2] (CORL [-20, 2], rlkit [-6, 0]) and weight decay leaves biases alone.
 */
import { add, mean, mul, neg, reshape, square, sub } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { floats } from '../base/tensors.ts'
import type { HostTensors } from '../base/tensors.ts'
import { adam, initAdam } from '../nn/adam.ts'
import { flat, initValue, makeTwinCritic, stateValue } from '../nn/critic.ts'
import type { TwinCritic } from '../nn/critic.ts'
import { fixedNormals } from '../nn/fixedNoise.ts'
import { repeatRows } from '../nn/gaussianPolicy.ts'
import { gradientNorm, valueAndGradients } from '../nn/gradients.ts'
import type { Loss } from '../nn/gradients.ts'
import { dropoutNoise } from '../nn/mlp.ts'
import type { Dropout } from '../nn/mlp.ts'
import { copyOf, part, prefixed } from '../nn/parameters.ts'
import { makePolicy } from '../nn/policy.ts'
import type { Policy } from '../nn/policy.ts'
import { polyak } from '../nn/polyak.ts'
import { nextStep, scheduledRate } from '../nn/schedules.ts'
import { exponentialWeights, softmaxWeights } from '../nn/weights.ts'
import type { Algorithm, Metrics, NoiseSpecs, Problem, Tensors } from './algorithm.ts'
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
  nextAction: field(
    z.enum(['policy', 'data']).default('policy'),
    'Where the next action of the critic target comes from. The policy (the paper) improves on the data but queries actions the data ' +
      'may not have; the data (the lecture) is safe and learns the value of the behaviour.',
    {
      title: 'Next action',
      section: 'algorithm',
      labels: { policy: 'From the policy', data: 'From the data' }
    }
  ),
  valueSamples: field(
    z.int().min(1).max(64).default(1),
    'Policy samples averaged to V(s). One, as published, leaves noise in the advantages that keeps some weight on all the data; more ' +
      'samples give steadier advantages, cost proportionally more time, and let the critic run away on narrow data sooner. Discrete ' +
      'actions are summed over exactly instead.',
    {
      title: 'Value samples',
      section: 'algorithm',
      unit: 'actions',
      when: { field: 'nextAction', value: 'policy' }
    }
  ),
  temperature: field(
    z.number().positive().max(1e6).default(1),
    'Divisor of the advantage in the weights exp(advantage / temperature). Small values follow the best actions closely and use few ' +
      'of the data; large ones approach behaviour cloning.',
    { title: 'Temperature', section: 'algorithm', unit: 'reward' }
  ),
  weighting: field(
    z.enum(['exp', 'softmax']).default('exp'),
    'Weights exp(advantage / temperature) clipped at the weight clip, or a softmax over the batch times its size, whose mean is 1.',
    {
      title: 'Weighting',
      section: 'algorithm',
      labels: { exp: 'Exponential, clipped', softmax: 'Softmax over the batch' }
    }
  ),
  maxAdvantageWeight: withDefault(weightFields.maxAdvantageWeight, 100, { field: 'weighting', value: 'exp' }),
  policyMean: field(
    z.enum(['tanh', 'unbounded']).default('tanh'),
    'Whether the mean action is squashed into the bounds by tanh, or free with samples clipped to the bounds.',
    { title: 'Policy mean', section: 'network', labels: { tanh: 'Squashed by tanh', unbounded: 'Unbounded' } }
  ),
  ...valueFields,
  valueLearningRate: withDefault(valueFields.valueLearningRate, 3e-4, { field: 'nextAction', value: 'data' }),
  ...sharedFields,
  hiddenSizes: withDefault(sharedFields.hiddenSizes, [256, 256, 256])
})
export type AwacConfig = z.infer<typeof schema>

// State: actor/*, critic/{1,2}/*, targetCritic/{1,2}/*, {actor,critic}Optimizer/{gradientSum,squareSum}/*, step;
// with next actions from the data also value/*, valueOptimizer/{gradientSum,squareSum}/*.

interface Parts {
  readonly policy: Policy
  readonly critic: TwinCritic
}

function parts({ hiddenSizes, policyMean }: AwacConfig, problem: Problem): Parts {
  const initialization = 'uniform'
  const logStdRange = [-5, 2] as const
  const tanhMean = policyMean === 'tanh'
  return {
    policy: makePolicy(problem, { hiddenSizes, initialization, tanhMean, logStdRange, stochastic: true }),
    critic: makeTwinCritic(problem, hiddenSizes, initialization)
  }
}

function init(config: AwacConfig, problem: Problem, seed: number): HostTensors {
  const { policy, critic } = parts(config, problem)
  const actor = policy.init(seed)
  const twins = critic.init(seed)
  const value = config.nextAction === 'data' ? initValue(problem, config.hiddenSizes, 'uniform', seed) : {}
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

/** Normals of one step: `nextAction` [B, A] for the critic target, `action` [K * B, A] for V(s), sample-major. */
function actionNoise(config: AwacConfig, problem: Problem, batchSize: number): NoiseSpecs {
  if (config.nextAction === 'data' || problem.action.kind === 'discrete') return {}
  const { size } = problem.action
  return {
    nextAction: { shape: [batchSize, size], distribution: 'normal' },
    action: { shape: [batchSize * config.valueSamples, size], distribution: 'normal' }
  }
}

/** Policy samples behind a V(s) that is shown and not trained on: the estimate of one sample is too noisy to read. */
const shownValueSamples = 16

/** The same normals at every call, for diagnoses and value queries. */
function fixedNoise(config: AwacConfig, problem: Problem, observations: Tensor): Tensors {
  const specs = Object.entries(actionNoise(config, problem, observations.shape[0]))
  return Object.fromEntries(specs.map(([name, { shape }]) => [name, fixedNormals(name, shape)]))
}

/**
 * Mean over policy actions of the smaller Q, [B]: an estimate from `count` samples, exact for discrete actions.
 * @param twins `1/...`, `2/...` of the critics to ask
 * @param noise normals [count * B, A]; unused for discrete actions
 */
function policyValue(
  { policy, critic }: Parts,
  twins: Tensors,
  actor: Tensors,
  observations: Tensor2D,
  noise: Tensor | undefined
): Tensor1D {
  if (noise === undefined) return critic.underPolicy(twins, observations, policy.mode(actor, observations))
  const rows = observations.shape[0]
  const count = noise.shape[0] / rows
  const samples = policy.sample(actor, observations, noise, count) // [K * B, A]
  const q = critic.minimum(twins, repeatRows(observations, count), samples) // [K * B]
  return mean(reshape(q, [count, rows]), 0)
}

/**
 * Right-hand side of the critics, [B], in scaled reward units:
 *   policy: r + discount nonTerminal min Q_target(s', a'),  a' ~ pi(. | s')
 *   data:   r + discount nonTerminal (min Q_target(s', a'_data), or V(s') where the data has no next action)
 */
function criticTargets(
  config: AwacConfig,
  both: Parts,
  state: Tensors,
  batch: Tensors,
  noise: Tensors
): Tensor1D {
  const { nextObservations } = batch
  const target = part(state, 'targetCritic')
  let next: Tensor1D
  if (config.nextAction === 'policy') {
    next = policyValue(both, target, part(state, 'actor'), nextObservations as Tensor2D, noise.nextAction)
  } else {
    const has = flat(batch.hasNextAction)
    const q = both.critic.minimum(target, nextObservations, batch.nextActions)
    next = add(mul(has, q), mul(sub(1, has), stateValue(part(state, 'value'), nextObservations)))
  }
  return add(flat(batch.rewards), mul(mul(flat(batch.nonTerminal), next), config.discount))
}

/**
 * Loss of both critics (AWAC, algorithm 1): L_Q = sum_i mean (target - Q_i(s, a))^2
 * @param targets without gradient, [B]
 */
function criticLoss({ critic }: Parts, twins: Tensors, batch: Tensors, targets: Tensor1D): Loss {
  const [q1, q2] = critic.both(twins, batch.observations, batch.actions) // [B]
  const loss = add<Scalar>(mean(square(sub(targets, q1))), mean(square(sub(targets, q2))))
  return { loss, extras: { q1, q2 } }
}

/** Loss of V with next actions from the data: L_V = mean (min Q(s, a) - V(s))^2 */
function valueLoss(value: Tensors, observations: Tensor, q: Tensor1D): Scalar {
  return mean(square(sub(q, stateValue(value, observations))))
}

/** A(s, a) = min Q(s, a) - V(s), [B]; V from the value network, or from policy samples. */
function advantages(config: AwacConfig, both: Parts, state: Tensors, batch: Tensors, noise: Tensors) {
  const observations = batch.observations as Tensor2D
  const twins = part(state, 'critic')
  const v =
    config.nextAction === 'data'
      ? stateValue(part(state, 'value'), observations)
      : policyValue(both, twins, part(state, 'actor'), observations, noise.action)
  const advantage: Tensor1D = sub(both.critic.minimum(twins, observations, batch.actions), v)
  const scaled: Tensor1D = mul(advantage, 1 / config.temperature)
  const weights =
    config.weighting === 'exp'
      ? exponentialWeights(scaled, config.maxAdvantageWeight)
      : softmaxWeights(scaled)
  return { v, advantage, scaled, weights }
}

/** Loss of the policy (AWAC, algorithm 1): L_pi = mean -weight log pi(a | s), weights [B] without gradient. */
function actorLoss(
  { policy }: Parts,
  actor: Tensors,
  batch: Tensors,
  weights: Tensor1D,
  dropout?: Dropout
): Scalar {
  return neg(mean(mul(weights, policy.logLikelihood(actor, batch.observations, batch.actions, dropout))))
}

/** The order of the references: critics, (value,) policy with the new critics, targets. */
function update(config: AwacConfig, problem: Problem) {
  const both = parts(config, problem)
  return (state: Tensors, batch: Tensors, noise: Tensors): { state: Tensors; metrics: Metrics } => {
    const targets = criticTargets(config, both, state, batch, noise)
    const forCritic = valueAndGradients(
      twins => criticLoss(both, twins, batch, targets),
      part(state, 'critic')
    )
    const newCritic = adam(state, 'critic', forCritic.gradients, config.criticLearningRate)

    const forValue =
      config.nextAction === 'data' ? valueStep(config, both, { ...state, ...newCritic }, batch) : null
    const valued = { ...state, ...newCritic, ...forValue?.changed }

    const { v, advantage, scaled, weights } = advantages(config, both, valued, batch, noise)
    const dropout = { rate: config.dropout, noise: part(noise, 'dropout') }
    const forActor = valueAndGradients(
      actor => ({ loss: actorLoss(both, actor, batch, weights, dropout) }),
      part(state, 'actor')
    )
    const rate = scheduledRate(
      config.learningRateSchedule,
      config.actorLearningRate,
      state.step,
      config.gradientSteps
    )
    const newActor = adam(state, 'actor', forActor.gradients, rate, config.weightDecay)

    const newTarget = polyak(valued, 'critic', 'targetCritic', config.polyak)
    return {
      state: { ...valued, ...newActor, ...newTarget, step: nextStep(state) },
      metrics: {
        criticLoss: forCritic.loss,
        actorLoss: forActor.loss,
        q1: mean(forCritic.extras.q1),
        q2: mean(forCritic.extras.q2),
        value: mean(v),
        ...weightMetrics(advantage, scaled, weights, clipOf(config)),
        criticGradientNorm: gradientNorm(forCritic.gradients),
        actorGradientNorm: gradientNorm(forActor.gradients),
        ...forValue?.metrics
      }
    }
  }
}

/** One step of V on the new critics. */
function valueStep(
  config: AwacConfig,
  { critic }: Parts,
  state: Tensors,
  { observations, actions }: Tensors
) {
  const q = critic.minimum(part(state, 'critic'), observations, actions)
  const { loss, gradients } = valueAndGradients(
    value => ({ loss: valueLoss(value, observations, q) }),
    part(state, 'value')
  )
  return {
    changed: adam(state, 'value', gradients, config.valueLearningRate),
    metrics: { valueLoss: loss, valueGradientNorm: gradientNorm(gradients) }
  }
}

/** The weight above which a row counts as clipped; softmax weights are never clipped. */
const clipOf = (config: AwacConfig): number =>
  config.weighting === 'exp' ? config.maxAdvantageWeight : Infinity

const updateMetrics = (config: AwacConfig): string[] => [
  ...['criticLoss', 'actorLoss', 'q1', 'q2', 'value'],
  ...weightMetricNames,
  ...['criticGradientNorm', 'actorGradientNorm'],
  ...(config.nextAction === 'data' ? ['valueLoss', 'valueGradientNorm'] : [])
]

function act(config: AwacConfig, problem: Problem) {
  const { policy } = parts(config, problem)
  return (params: Tensors, inputs: Tensors): Tensors => policy.act(part(params, 'actor'), inputs.observations)
}

function values(config: AwacConfig, problem: Problem) {
  const both = parts(config, problem)
  return (params: Tensors, inputs: Tensors): Tensors => {
    const valueSamples = Math.max(config.valueSamples, shownValueSamples)
    const noise = fixedNoise({ ...config, valueSamples }, problem, inputs.observations)
    return {
      q: both.critic.minimum(part(params, 'critic'), inputs.observations, inputs.actions),
      v: advantages(config, both, params, inputs, noise).v
    }
  }
}

function diagnose(config: AwacConfig, problem: Problem) {
  const both = parts(config, problem)
  const { policy, critic } = both
  const fn = (state: Tensors, batch: Tensors): Metrics => {
    const { observations, actions } = batch
    const [actor, twins] = [part(state, 'actor'), part(state, 'critic')]
    const noise = fixedNoise(config, problem, observations)
    const targets = criticTargets(config, both, state, batch, noise)
    const { v, advantage, scaled, weights } = advantages(config, both, state, batch, noise)
    const forValue = (): Metrics => ({
      valueLoss: valueLoss(part(state, 'value'), observations, critic.minimum(twins, observations, actions))
    })
    return {
      criticLoss: criticLoss(both, twins, batch, targets).loss,
      actorLoss: actorLoss(both, actor, batch, weights),
      value: mean(v),
      ...criticMetrics(critic, twins, observations, actions, policy.mode(actor, observations)),
      ...weightMetrics(advantage, scaled, weights, clipOf(config)),
      ...policyMetrics(policy, actor, observations, actions),
      ...(config.nextAction === 'data' ? forValue() : {})
    }
  }
  const names = [
    ...['criticLoss', 'actorLoss', 'value'],
    ...criticMetricNames,
    ...weightMetricNames,
    ...policyMetricNames,
    ...(config.nextAction === 'data' ? ['valueLoss'] : [])
  ]
  return { names, fn }
}

export const awac: Algorithm<AwacConfig> = {
  id: 'awac',
  title: 'Advantage-weighted actor-critic',
  shortTitle: 'AWAC',
  summary:
    'Learns Q by bootstrapping and imitates the data weighted by how much better each action is than the policy. ' +
    'The next action of the target comes from the policy, or from the data.',
  source: 'Nair, Dalal, Gupta and Levine 2020, arXiv:2006.09359; CORL awac.py, rlkit awac_trainer.py',
  actions: ['continuous', 'discrete'],
  schema,
  presets: presetsOf<AwacConfig>({
    locomotion: { temperature: 1 / 3, normalizeObservations: true },
    maze: { temperature: 0.1, normalizeObservations: true, rewardScaling: 'minusOne' },
    teaching: { temperature: 0.05, nextAction: 'data', criticLearningRate: 1e-3, valueLearningRate: 1e-3 },
    control: {
      temperature: 1,
      rewardScaling: 'standardize',
      criticLearningRate: 1e-3,
      valueLearningRate: 1e-3
    }
  }),
  needs: config => [
    'rewards',
    'nextObservations',
    ...(config.nextAction === 'data' ? ['nextActions' as const] : [])
  ],
  batchColumns: config => [
    ...['observations', 'actions', 'rewards', 'nextObservations', 'nonTerminal'],
    ...(config.nextAction === 'data' ? ['nextActions', 'hasNextAction'] : [])
  ],
  noise: (config, problem) => ({
    ...dropoutNoise('dropout', config.dropout, config.hiddenSizes, config.batchSize),
    ...actionNoise(config, problem, config.batchSize)
  }),
  init,
  update,
  metrics: updateMetrics,
  policyParameters: (_config, _problem, state) =>
    Object.keys(state).filter(name => /^(actor|critic|value)\//.test(name)),
  act,
  values,
  diagnose,
  select: (_config, view) => bootstrappableRows(view)
}
