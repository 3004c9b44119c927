/**
 * One gradient step of soft actor-critic with an automatic temperature (Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and
 * Applications", algorithm 1). No reference code is copied. Actions are in [-1, 1]; both critics learn the smaller target.
 */
import { add, exp, mean, minimum, mul, neg, reshape, square, sub, sum } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import type { Tensors } from '../../algorithms/algorithm.ts'
import { specsOf } from '../../base/tensors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Program, PureFunction } from '../../compute/program.ts'
import { adam } from '../../nn/adam.ts'
import { flat } from '../../nn/critic.ts'
import { valueAndGradients } from '../../nn/gradients.ts'
import { part, prefixed } from '../../nn/parameters.ts'
import { polyak } from '../../nn/polyak.ts'
import { nextStep } from '../../nn/schedules.ts'
import { beforeSquash, criticOf, squashedDraw } from './networks.ts'
import type { SacSizes } from './networks.ts'

export interface SacUpdate {
  readonly batch: number
  readonly learningRate: number
  readonly discount: number
  readonly targetRate: number
}

/** y = r + discount nonTerminal (min Q_target(s', a') - alpha log pi(a' | s')),  a' ~ pi(. | s'), [B] */
function criticTargets(
  sizes: SacSizes,
  discount: number,
  state: Tensors,
  batch: Tensors,
  noise: Tensors
): Tensor1D {
  const next = squashedDraw(part(state, 'actor'), batch.nextObservations, noise.nextAction)
  const q = criticOf(sizes).minimum(part(state, 'targetCritic'), batch.nextObservations, next.actions)
  const soft = sub(q, mul(exp(state['temperature/log']), next.logLikelihoods))
  return add(flat(batch.rewards), mul(mul(flat(batch.nonTerminal), soft), discount))
}

function updatedCritics(
  sizes: SacSizes,
  settings: SacUpdate,
  state: Tensors,
  batch: Tensors,
  noise: Tensors
) {
  const targets = criticTargets(sizes, settings.discount, state, batch, noise)
  const { loss, gradients } = valueAndGradients(
    twins => {
      const [q1, q2] = criticOf(sizes).both(twins, batch.observations, batch.actions)
      return { loss: add<Scalar>(mean(square(sub(q1, targets))), mean(square(sub(q2, targets)))) }
    },
    part(state, 'critic')
  )
  return { loss, changes: adam(state, 'critic', gradients, settings.learningRate) }
}

/** L = mean (alpha log pi(a | s) - min Q(s, a)),  a ~ pi(. | s) */
function updatedActor(sizes: SacSizes, settings: SacUpdate, state: Tensors, batch: Tensors, noise: Tensors) {
  const alpha = exp(state['temperature/log'])
  const twins = part(state, 'critic')
  const { loss, gradients, extras } = valueAndGradients(
    actor => {
      const { actions, logLikelihoods } = squashedDraw(actor, batch.observations, noise.action)
      const q = minimum<Tensor1D>(...criticOf(sizes).both(twins, batch.observations, actions))
      return {
        loss: mean<Scalar>(sub(mul(alpha, logLikelihoods), q)),
        extras: { entropy: neg(mean(logLikelihoods)) }
      }
    },
    part(state, 'actor')
  )
  return {
    loss,
    entropy: extras['entropy'] as Scalar,
    changes: adam(state, 'actor', gradients, settings.learningRate)
  }
}

/**
 * The update of one batch as a program. Columns: `observations`, `actions` in [-1, 1], `rewards`, `nonTerminal`, `nextObservations`.
 * The temperature holds the entropy at minus the number of action dimensions.
 */
export function sacProgram(sizes: SacSizes, initial: HostTensors, settings: SacUpdate): Program {
  const { observationSize, actionSize } = sizes
  const drawn = { shape: [settings.batch, actionSize], distribution: 'normal' as const }
  return {
    id: 'sac',
    state: specsOf(initial),
    columns: {
      observations: { width: observationSize },
      actions: { width: actionSize },
      rewards: { width: 1 },
      nonTerminal: { width: 1 },
      nextObservations: { width: observationSize }
    },
    batchSize: settings.batch,
    noise: { nextAction: drawn, action: drawn },
    metrics: ['criticLoss', 'actorLoss', 'entropy', 'temperature'],
    step(present, batch, noise) {
      const critics = updatedCritics(sizes, settings, present, batch, noise)
      const learned = { ...present, ...critics.changes }
      const actor = updatedActor(sizes, settings, learned, batch, noise)
      // d/d log alpha of -log alpha (log pi + target), with the target entropy -A
      const gradients = { log: reshape(add(actor.entropy, actionSize), [1]) }
      const temperature = adam(present, 'temperature', gradients, settings.learningRate)
      return {
        state: {
          ...learned,
          ...actor.changes,
          ...temperature,
          ...polyak(learned, 'critic', 'targetCritic', settings.targetRate),
          step: nextStep(present)
        },
        metrics: {
          criticLoss: critics.loss,
          actorLoss: actor.loss,
          entropy: actor.entropy,
          temperature: sum(exp(present['temperature/log']))
        }
      }
    }
  }
}

/** Means and log standard deviations before the squash, [rows, A] each, of observations [rows, O]. */
export function sacActFunction(
  { observationSize }: SacSizes,
  initial: HostTensors,
  rows: number
): PureFunction {
  return {
    id: 'sac/act',
    params: specsOf(prefixed('actor', part(initial, 'actor'))),
    inputs: { observations: { shape: [rows, observationSize], dtype: 'float32' } },
    outputs: ['mean', 'logStd'],
    fn: (params, { observations }) => ({ ...beforeSquash(part(params, 'actor'), observations) })
  }
}
