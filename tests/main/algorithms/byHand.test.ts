import { expect, test } from 'vitest'
import type { Algorithm, Problem } from '../../../src-main/algorithms/algorithm.ts'
import { awac } from '../../../src-main/algorithms/awac.ts'
import { awr } from '../../../src-main/algorithms/awr.ts'
import { bc } from '../../../src-main/algorithms/bc.ts'
import type { SharedConfig } from '../../../src-main/algorithms/config.ts'
import { filteredBc } from '../../../src-main/algorithms/filteredBc.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'
import { initAdam } from '../../../src-main/nn/adam.ts'
import { part } from '../../../src-main/nn/parameters.ts'
import { describeEngines } from '../../support/engines.ts'
import {
  firstAdam,
  followed,
  logLikelihoods,
  meanOf,
  normOf,
  output,
  type PlainPolicy,
  policyGradient,
  stepped,
  tensorsOf,
  type Unit,
  unitGradient,
  unitOf
} from './plain.ts'
import { programOf, train } from './programs.ts'

const problem: Problem = {
  observationSize: 1,
  action: { kind: 'continuous', size: 1 },
  unboundedActions: false
}
const observations = [[0.5], [-1], [2]]
const actions = [0.25, -0.5, 0.75]
const rewards = [1, -0.5, 0.25]
const nextObservations = [[-1], [2], [0.75]]
const nextActions = [-0.5, 0.75, 0]
const nonTerminal = [1, 1, 0]
const hasNextAction = [1, 0, 0]
const returns = [0.8, -0.2, 0.25]
const pairs = observations.map(([x], i) => [x, actions[i]])

const policy: PlainPolicy = { unit: { w0: [0.8], b0: 0.3, w1: -0.6, b1: 0.2 }, logStd: -0.25 }
const value: Unit = { w0: [-0.7], b0: 0.9, w1: 0.5, b1: -0.1 }
const q1: Unit = { w0: [0.4, 0.9], b0: 0.2, w1: 0.7, b1: 0.3 }
const q2: Unit = { w0: [-0.3, 0.5], b0: 0.8, w1: -0.4, b1: 0.6 }
const target1: Unit = { w0: [0.5, 0.7], b0: 0.1, w1: 0.6, b1: 0.2 }
const target2: Unit = { w0: [-0.2, 0.6], b0: 0.9, w1: -0.5, b1: 0.7 }
const rate = 0.01
const discount = 0.9
const common = {
  hiddenSizes: [1],
  batchSize: 3,
  discount,
  actorLearningRate: rate,
  valueLearningRate: 2 * rate
}

const column = (width: number, rows: readonly number[]) => ({ width, data: Float32Array.from(rows) })
const columns = {
  observations: column(1, observations.flat()),
  actions: column(1, actions),
  rewards: column(1, rewards),
  nextObservations: column(1, nextObservations.flat()),
  nextActions: column(1, nextActions),
  nonTerminal: column(1, nonTerminal),
  hasNextAction: column(1, hasNextAction),
  returns: column(1, returns)
}

/** A fresh state with the parameters above, for the groups an algorithm has. */
function stateOf(...groups: ('actor' | 'value' | 'critic')[]): HostTensors {
  const parameters = {
    actor: {
      ...tensorsOf('actor', policy.unit),
      'actor/logStd': floats([1], Float32Array.of(policy.logStd))
    },
    value: tensorsOf('value', value),
    critic: { ...tensorsOf('critic/1', q1), ...tensorsOf('critic/2', q2) }
  }
  const targets = { ...tensorsOf('targetCritic/1', target1), ...tensorsOf('targetCritic/2', target2) }
  return {
    ...Object.assign(
      {},
      ...groups.map(group => ({ ...parameters[group], ...initAdam(group, part(parameters[group], group)) }))
    ),
    ...(groups.includes('critic') ? targets : {}),
    step: floats([])
  } as HostTensors
}

function expectUnit(state: HostTensors, name: string, expected: Unit): void {
  const actual = unitOf(state, name)
  const flat = ({ w0, b0, w1, b1 }: Unit) => [...w0, b0, w1, b1]
  flat(actual).forEach((value, i) => expect(value, `${name}[${i}]`).toBeCloseTo(flat(expected)[i], 6))
}

function expectMetrics(
  metrics: Readonly<Record<string, Float32Array>>,
  expected: Readonly<Record<string, number>>
): void {
  for (const [name, value] of Object.entries(expected)) expect(metrics[name][0], name).toBeCloseTo(value, 5)
}

/** The policy's part of a step under given weights: new parameters and metrics. */
function policyStep(weights: readonly number[]) {
  const gradient = policyGradient(policy, observations, actions, weights)
  return {
    unit: stepped(policy.unit, gradient.unit, rate),
    logStd: firstAdam(policy.logStd, gradient.logStd, rate),
    loss: meanOf(logLikelihoods(policy, observations, actions).map((value, i) => -weights[i] * value)),
    norm: normOf(gradient.unit, gradient.logStd)
  }
}

function expectPolicy(state: HostTensors, step: ReturnType<typeof policyStep>): void {
  expectUnit(state, 'actor', step.unit)
  expect(state['actor/logStd'].data[0]).toBeCloseTo(step.logStd, 6)
}

/** Twin critics after one step towards fixed targets, their targets after, and the loss. */
function criticStep(targets: readonly number[], polyak: number) {
  const errors = [q1, q2].map(q => pairs.map((x, i) => output(q, x) - targets[i]))
  const gradients = [q1, q2].map((q, k) =>
    unitGradient(
      q,
      pairs,
      errors[k].map(error => (2 * error) / 3)
    )
  )
  const twins = [stepped(q1, gradients[0], rate), stepped(q2, gradients[1], rate)]
  return {
    twins,
    targets: [followed(target1, twins[0], polyak), followed(target2, twins[1], polyak)],
    loss: errors.reduce((sum, each) => sum + meanOf(each.map(error => error * error)), 0),
    norm: normOf(...gradients)
  }
}

function expectCritics(state: HostTensors, step: ReturnType<typeof criticStep>): void {
  step.twins.forEach((unit, k) => expectUnit(state, `critic/${k + 1}`, unit))
  step.targets.forEach((unit, k) => expectUnit(state, `targetCritic/${k + 1}`, unit))
}

const smaller = (a: Unit, b: Unit, rows: readonly (readonly number[])[]) =>
  rows.map(x => Math.min(output(a, x), output(b, x)))

describeEngines('one step worked out by hand', engine => {
  async function oneStep<C extends SharedConfig>(
    algorithm: Algorithm<C>,
    settings: object,
    state: HostTensors,
    noise: Record<string, Float32Array> = {}
  ) {
    const config = algorithm.schema.parse({ ...common, criticLearningRate: rate, ...settings })
    const program = programOf(algorithm, config, problem, state, columns)
    return train(engine, program, state, columns, Int32Array.of(0, 1, 2), noise, 1)
  }

  test.each([bc, filteredBc])('$id by likelihood', async algorithm => {
    const expected = policyStep([1, 1, 1])
    const { state, metrics } = await oneStep(algorithm, {}, stateOf('actor'))
    expectPolicy(state, expected)
    expectMetrics(metrics, { actorLoss: expected.loss, actorGradientNorm: expected.norm })
    expect([...state.step.data]).toEqual([1])
  })

  test('bc by squared error', async () => {
    const means = observations.map(x => Math.tanh(output(policy.unit, x)))
    const errors = means.map((mean, i) => mean - actions[i])
    const slopes = means.map((mean, i) => ((2 * errors[i]) / 3) * (1 - mean * mean))
    const gradient = unitGradient(policy.unit, observations, slopes)
    const {
      'actor/logStd': _,
      'actorOptimizer/gradientSum/logStd': _gradients,
      'actorOptimizer/squareSum/logStd': _squares,
      ...start
    } = stateOf('actor')
    const { state, metrics } = await oneStep(bc, { loss: 'mse' }, start)
    expectUnit(state, 'actor', stepped(policy.unit, gradient, rate))
    expectMetrics(metrics, {
      actorLoss: meanOf(errors.map(error => error * error)),
      actorGradientNorm: normOf(gradient)
    })
  })

  test('awr: value, then policy with the new value', async () => {
    const errors = observations.map((x, i) => output(value, x) - returns[i])
    const gradient = unitGradient(
      value,
      observations,
      errors.map(error => (2 * error) / 3)
    )
    const newValue = stepped(value, gradient, 2 * rate)
    const advantages = observations.map((x, i) => returns[i] - output(newValue, x))
    const weights = advantages.map(advantage => Math.min(Math.exp(advantage / 0.4), 2))
    const expected = policyStep(weights)
    expect(weights).toContain(2)
    const settings = { temperature: 0.4, standardiseAdvantage: false, maxAdvantageWeight: 2 }
    const { state, metrics } = await oneStep(awr, settings, stateOf('actor', 'value'))
    expectUnit(state, 'value', newValue)
    expectPolicy(state, expected)
    expectMetrics(metrics, {
      valueLoss: meanOf(errors.map(error => error * error)),
      actorLoss: expected.loss,
      advantageMean: meanOf(advantages),
      clippedShare: weights.filter(weight => weight === 2).length / 3,
      effectiveSampleShare:
        (3 * meanOf(weights)) ** 2 / (3 * weights.reduce((sum, weight) => sum + weight * weight, 0)),
      valueGradientNorm: normOf(gradient),
      actorGradientNorm: expected.norm
    })
  })

  test('awac with the next action from the policy: critics, policy, targets', async () => {
    const [nextNoise, noise] = [
      [0.3, -1, 0.5],
      [-0.7, 0.2, 4, 1, -0.4, 0.1]
    ]
    const act = (x: readonly number[], z: number) =>
      Math.min(1, Math.max(-1, Math.tanh(output(policy.unit, x)) + Math.exp(policy.logStd) * z))
    const nextPairs = nextObservations.map((x, i) => [x[0], act(x, nextNoise[i])])
    const next = smaller(target1, target2, nextPairs)
    const critics = criticStep(
      rewards.map((reward, i) => reward + discount * nonTerminal[i] * next[i]),
      0.1
    )
    const [new1, new2] = critics.twins
    // two samples a row, sample-major; the third draw is clipped at the bound
    const sampled = [0, 1].map(k =>
      smaller(
        new1,
        new2,
        observations.map((x, i) => [x[0], act(x, noise[3 * k + i])])
      )
    )
    const advantages = smaller(new1, new2, pairs).map((q, i) => q - (sampled[0][i] + sampled[1][i]) / 2)
    const expected = policyStep(advantages.map(advantage => Math.min(Math.exp(advantage / 0.3), 100)))
    const settings = { valueSamples: 2, temperature: 0.3, polyak: 0.1 }
    const { state, metrics } = await oneStep(awac, settings, stateOf('actor', 'critic'), {
      nextAction: Float32Array.from(nextNoise),
      action: Float32Array.from(noise)
    })
    expectCritics(state, critics)
    expectPolicy(state, expected)
    expectMetrics(metrics, {
      criticLoss: critics.loss,
      criticGradientNorm: critics.norm,
      actorLoss: expected.loss,
      advantageMean: meanOf(advantages)
    })
  })

  test('awac with the next action from the data: critics, value, policy, targets', async () => {
    const nextQ = smaller(
      target1,
      target2,
      nextObservations.map((x, i) => [x[0], nextActions[i]])
    )
    const nextV = nextObservations.map(x => output(value, x))
    const next = nextQ.map((q, i) => (hasNextAction[i] === 1 ? q : nextV[i]))
    const critics = criticStep(
      rewards.map((reward, i) => reward + discount * nonTerminal[i] * next[i]),
      0.1
    )
    const q = smaller(critics.twins[0], critics.twins[1], pairs)
    const errors = observations.map((x, i) => output(value, x) - q[i])
    const gradient = unitGradient(
      value,
      observations,
      errors.map(error => (2 * error) / 3)
    )
    const newValue = stepped(value, gradient, 2 * rate)
    const advantages = q.map((each, i) => each - output(newValue, observations[i]))
    const scaled = advantages.map(advantage => Math.exp(advantage / 0.3))
    const expected = policyStep(scaled.map(each => (3 * each) / (scaled[0] + scaled[1] + scaled[2])))
    const settings = { nextAction: 'data', weighting: 'softmax', temperature: 0.3, polyak: 0.1 }
    const { state, metrics } = await oneStep(awac, settings, stateOf('actor', 'critic', 'value'))
    expectCritics(state, critics)
    expectUnit(state, 'value', newValue)
    expectPolicy(state, expected)
    expectMetrics(metrics, {
      criticLoss: critics.loss,
      valueLoss: meanOf(errors.map(error => error * error)),
      actorLoss: expected.loss,
      valueGradientNorm: normOf(gradient)
    })
  })

  test('iql: value, policy with the new value, critics with the new value, targets', async () => {
    const targetQ = smaller(target1, target2, pairs)
    const errors = observations.map((x, i) => targetQ[i] - output(value, x))
    const tilt = errors.map(u => (u > 0 ? 0.8 : 0.2))
    const gradient = unitGradient(
      value,
      observations,
      errors.map((u, i) => (-2 * tilt[i] * u) / 3)
    )
    const newValue = stepped(value, gradient, 2 * rate)
    const advantages = observations.map((x, i) => targetQ[i] - output(newValue, x))
    const expected = policyStep(advantages.map(advantage => Math.min(Math.exp(3 * advantage), 100)))
    const next = nextObservations.map(x => output(newValue, x))
    const critics = criticStep(
      rewards.map((reward, i) => reward + discount * nonTerminal[i] * next[i]),
      0.1
    )
    const settings = { expectile: 0.8, inverseTemperature: 3, polyak: 0.1 }
    const { state, metrics } = await oneStep(iql, settings, stateOf('actor', 'critic', 'value'))
    expect(errors.some(u => u > 0) && errors.some(u => u < 0)).toBe(true)
    expectUnit(state, 'value', newValue)
    expectPolicy(state, expected)
    expectCritics(state, critics)
    expectMetrics(metrics, {
      valueLoss: meanOf(errors.map((u, i) => tilt[i] * u * u)),
      actorLoss: expected.loss,
      criticLoss: critics.loss,
      advantageMean: meanOf(advantages),
      value: meanOf(observations.map(x => output(value, x))),
      valueGradientNorm: normOf(gradient),
      criticGradientNorm: critics.norm
    })
  })
})
