import type { Algorithm, Problem } from '../../../src-main/algorithms/algorithm.ts'
import { awac } from '../../../src-main/algorithms/awac.ts'
import type { SharedConfig } from '../../../src-main/algorithms/config.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'
import type { Program } from '../../../src-main/compute/program.ts'
import { initAdam } from '../../../src-main/nn/adam.ts'
import { part } from '../../../src-main/nn/parameters.ts'
import { type Golden, goldenPath, readGolden, transposed } from './goldens.ts'
import { programOf } from './programs.ts'

/** 300 updates on the rows of a golden: what to train, from where, with which random numbers. */
export interface GoldenCase {
  readonly golden: Golden
  readonly program: Program
  /** Names of the state that the algorithm itself makes. */
  readonly stateNames: readonly string[]
  readonly state: HostTensors
  readonly noise: Readonly<Record<string, Float32Array>>
  /** The reference's metrics under our names. */
  readonly metrics: Readonly<Record<string, Float32Array>>
  /** The reference's last parameters under our names. */
  readonly final: HostTensors
}

interface GoldenSource {
  /** Path of the golden, or null where the shared files are absent. */
  readonly path: string | null
  /** @param hiddenSizes networks of these widths with our own initial parameters, for which there is no reference */
  read(hiddenSizes?: readonly number[]): Promise<GoldenCase>
}

const problem: Problem = {
  observationSize: 11,
  action: { kind: 'continuous', size: 3 },
  unboundedActions: false
}

interface Description<C extends SharedConfig> {
  readonly algorithm: Algorithm<C>
  readonly configOf: (settings: Golden['settings']) => C
  readonly renamed: (reference: HostTensors) => HostTensors
  /** Parts of the state that Adam trains. */
  readonly trained: readonly string[]
  /** Our names of metrics and noise, and the reference's. */
  readonly metrics: Readonly<Record<string, string>>
  readonly noise: Readonly<Record<string, string>>
}

function sourceOf<C extends SharedConfig>(name: string, about: Description<C>): GoldenSource {
  const path = goldenPath(name)
  const read: GoldenSource['read'] = async hiddenSizes => {
    const golden = await readGolden(path!)
    const exact = about.configOf(golden.settings)
    const config: C = hiddenSizes ? { ...exact, hiddenSizes: [...hiddenSizes] } : exact
    const own = about.algorithm.init(config, problem, 0)
    const state = hiddenSizes ? own : initialState(about, golden)
    const taken = <T>(names: Readonly<Record<string, string>>, from: Readonly<Record<string, T>>) =>
      Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, from[theirs]]))
    return {
      ...{ golden, state, stateNames: Object.keys(own) },
      program: programOf(about.algorithm, config, problem, state, golden.columns),
      noise: taken(about.noise, golden.noise),
      metrics: taken(about.metrics, golden.metrics),
      final: about.renamed(golden.final)
    }
  }
  return { path, read }
}

function initialState<C extends SharedConfig>(
  { renamed, trained }: Description<C>,
  golden: Golden
): HostTensors {
  const params = renamed(golden.initial)
  const moments = trained.map(name => initAdam(name, part(params, name)))
  return Object.assign({}, params, ...moments, { step: floats([]) }) as HostTensors
}

/** 300 updates of IQL's reference implementation. */
export const iqlGolden = sourceOf('iql-hopper', {
  algorithm: iql,
  trained: ['actor', 'critic', 'value'],
  noise: {},
  metrics: {
    ...{ actorLoss: 'actor_loss', criticLoss: 'critic_loss', valueLoss: 'value_loss' },
    ...{ advantageMean: 'adv', q1: 'q1', q2: 'q2', value: 'v' }
  },
  configOf(settings) {
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
  },
  // `critic/Critic_0/MLP_0/Dense_1/bias` is `critic/1/1/bias`.
  renamed(reference) {
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
})

/** 300 updates of AWAC as CORL has it. */
export const awacGolden = sourceOf('awac-hopper', {
  algorithm: awac,
  trained: ['actor', 'critic'],
  noise: { nextAction: 'next_action', action: 'action' },
  metrics: { actorLoss: 'actor_loss', criticLoss: 'critic_loss' },
  configOf(settings) {
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
  },
  // `target_critic_1/_mlp/2/weight` [out, in] is `targetCritic/1/1/kernel` [in, out].
  renamed(reference) {
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
})
