import { expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'
import { initAdam } from '../../../src-main/nn/adam.ts'
import { part } from '../../../src-main/nn/parameters.ts'
import { describeEngines } from '../../support/engines.ts'
import { expectClose, type Golden, goldenPath, readGolden } from './goldens.ts'
import { programOf, train } from './programs.ts'

const path = goldenPath('iql-hopper')
const problem: Problem = {
  observationSize: 11,
  action: { kind: 'continuous', size: 3 },
  unboundedActions: false
}

function configOf(settings: Golden['settings']) {
  const learningRate = Number(settings.learning_rate)
  return iql.schema.parse({
    hiddenSizes: [Number(settings.hidden), Number(settings.hidden)],
    batchSize: Number(settings.batch_size),
    discount: Number(settings.discount),
    expectile: Number(settings.expectile),
    inverseTemperature: Number(settings.inverse_temperature),
    maxAdvantageWeight: Number(settings.max_weight),
    polyak: Number(settings.polyak),
    gradientSteps: Number(settings.gradient_steps),
    learningRateSchedule: settings.actor_schedule,
    actorLearningRate: learningRate,
    criticLearningRate: learningRate,
    valueLearningRate: learningRate
  })
}

/** Our parameter names for the reference's: `critic/Critic_0/MLP_0/Dense_1/bias` is `critic/1/1/bias`. */
function renamed(reference: HostTensors): HostTensors {
  const ours = (name: string): string => {
    if (name === 'actor/log_stds') return 'actor/logStd'
    if (name.startsWith('actor/Dense_0')) return name.replace('Dense_0', '2')
    return name
      .replace('target_critic', 'targetCritic')
      .replace('Critic_0', '1')
      .replace('Critic_1', '2')
      .replace('MLP_0/', '')
      .replace(/Dense_/, '')
  }
  return Object.fromEntries(Object.entries(reference).map(([name, tensor]) => [ours(name), tensor]))
}

describeEngines('IQL against 300 updates of the reference implementation', engine => {
  test.skipIf(path === null)(
    `metrics and final parameters agree${path === null ? ' (SKIPPED: ../shared/goldens is absent)' : ''}`,
    { timeout: 300_000 },
    async () => {
      const golden = await readGolden(path!)
      const config = configOf(golden.settings)
      const params = renamed(golden.initial)
      const state: HostTensors = {
        ...params,
        ...initAdam('actor', part(params, 'actor')),
        ...initAdam('critic', part(params, 'critic')),
        ...initAdam('value', part(params, 'value')),
        step: floats([])
      }
      expect(Object.keys(state).sort()).toEqual(Object.keys(iql.init(config, problem, 0)).sort())
      const program = programOf(iql, config, problem, state, golden.columns)
      const result = await train(engine, program, state, golden.columns, golden.indices, {}, 50)
      const names = {
        actorLoss: 'actor_loss',
        criticLoss: 'critic_loss',
        valueLoss: 'value_loss',
        advantageMean: 'adv',
        q1: 'q1',
        q2: 'q2',
        value: 'v'
      }
      for (const [ours, theirs] of Object.entries(names)) {
        const values = golden.metrics[theirs]
        expectClose(
          `${ours} of the first 50 updates`,
          result.metrics[ours].slice(0, 50),
          values.slice(0, 50),
          1e-4
        )
        expectClose(ours, result.metrics[ours], values, 1e-2)
      }
      const final = renamed(golden.final)
      for (const [name, { data }] of Object.entries(final))
        expectClose(name, result.state[name].data, data, 1e-2)
      expect(result.finite.every(flag => flag === 1)).toBe(true)
    }
  )
})
