import { expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import { awac } from '../../../src-main/algorithms/awac.ts'
import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'
import { initAdam } from '../../../src-main/nn/adam.ts'
import { part } from '../../../src-main/nn/parameters.ts'
import { describeEngines } from '../../support/engines.ts'
import { expectClose, type Golden, goldenPath, readGolden, transposed } from './goldens.ts'
import { programOf, train } from './programs.ts'

const path = goldenPath('awac-hopper')
const problem: Problem = {
  observationSize: 11,
  action: { kind: 'continuous', size: 3 },
  unboundedActions: false
}

function configOf(settings: Golden['settings']) {
  const learningRate = Number(settings.learning_rate)
  const hidden = Number(settings.hidden)
  return awac.schema.parse({
    hiddenSizes: Array.from({ length: Number(settings.hidden_layers) }, () => hidden),
    batchSize: Number(settings.batch_size),
    discount: Number(settings.discount),
    temperature: Number(settings.temperature),
    maxAdvantageWeight: Number(settings.max_weight),
    polyak: Number(settings.polyak),
    gradientSteps: Number(settings.gradient_steps),
    policyMean: settings.actor_mean,
    valueSamples: 1,
    actorLearningRate: learningRate,
    criticLearningRate: learningRate
  })
}

/** Our parameters for the reference's: `target_critic_1/_mlp/2/weight` [out, in] is `targetCritic/1/1/kernel` [in, out]. */
function renamed(reference: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.entries(reference).map(([name, tensor]) => {
      if (name === 'actor/_log_std') return ['actor/logStd', tensor]
      const [network, , layer, kind] = name.split('/')
      const group = network.replace('target_critic_', 'targetCritic/').replace('critic_', 'critic/')
      const ours = `${group}/${Number(layer) / 2}/${kind === 'weight' ? 'kernel' : 'bias'}`
      return [ours, kind === 'weight' ? transposed(tensor) : tensor]
    })
  )
}

describeEngines('AWAC against 300 updates of CORL', engine => {
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
        step: floats([])
      }
      expect(Object.keys(state).sort()).toEqual(Object.keys(awac.init(config, problem, 0)).sort())
      const program = programOf(awac, config, problem, state, golden.columns)
      const noise = { nextAction: golden.noise.next_action, action: golden.noise.action }
      const result = await train(engine, program, state, golden.columns, golden.indices, noise, 50)
      for (const [ours, theirs] of Object.entries({ actorLoss: 'actor_loss', criticLoss: 'critic_loss' })) {
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
