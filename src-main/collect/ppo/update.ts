/**
 * One gradient step of proximal policy optimisation (Schulman et al. 2017, equations 7 and 9, the clipped form).
 * Reference code read: none is copied; settings as in common practice (Andrychowicz et al. 2021): advantages standardised in each
 * minibatch, gradients of actor and critic together clipped to norm 0.5, no entropy bonus, no clipping of the value loss.
 */
import {
  add,
  clipByValue,
  div,
  exp,
  mean,
  minimum,
  mul,
  neg,
  sqrt,
  square,
  sub,
  sum
} from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Metrics, Tensors } from '../../algorithms/algorithm.ts'
import { specsOf } from '../../base/tensors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Program, PureFunction } from '../../compute/program.ts'
import { adam } from '../../nn/adam.ts'
import { gradientNorm, valueAndGradients } from '../../nn/gradients.ts'
import { mapTensors, part } from '../../nn/parameters.ts'
import { nextStep } from '../../nn/schedules.ts'
import { tanhMlp } from './networks.ts'
import type { NetworkSizes } from './networks.ts'

export interface UpdateSettings {
  readonly minibatch: number
  readonly learningRate: number
  /** Gradient steps over which the learning rate falls to zero. */
  readonly totalUpdates: number
  readonly clip: number
  readonly maxGradientNorm: number
}

/** log N(a; mu, sigma) summed over dimensions, [B, 1]. */
function logLikelihood(mean_: Tensor, logStd: Tensor, actions: Tensor): Tensor {
  const z = div(sub(actions, mean_), exp(logStd))
  const each = sub(mul(square(z), -0.5), add(logStd, 0.5 * Math.log(2 * Math.PI)))
  return sum(each, 1, true)
}

function standardised(values: Tensor): Tensor {
  const centred = sub(values, mean(values))
  return div(centred, add(sqrt(mean(square(centred))), 1e-8))
}

/** L = -mean min(r A, clip(r, 1 - e, 1 + e) A) + 0.5 mean (V - R)^2 */
function ppoLoss(params: Tensors, batch: Tensors, clip: number): { loss: Scalar; extras: Tensors } {
  const actor = part(params, 'actor')
  const { logStd, ...layers } = actor
  const likelihood = logLikelihood(tanhMlp(layers, batch.observations), logStd, batch.actions)
  const logRatio = sub(likelihood, batch.logLikelihoods)
  const ratio = exp(logRatio)
  const advantages = standardised(batch.advantages)
  const surrogate = minimum(mul(ratio, advantages), mul(clipByValue(ratio, 1 - clip, 1 + clip), advantages))
  const policyLoss = neg(mean(surrogate))
  const values = tanhMlp(part(params, 'critic'), batch.observations)
  const valueLoss = mul(mean(square(sub(values, batch.targets))), 0.5)
  // k3 = (r - 1) - log r, an estimate of the divergence from the old policy that is never negative
  const divergence = mean(sub(sub(ratio, 1), logRatio))
  return { loss: add<Scalar>(policyLoss, valueLoss), extras: { policyLoss, valueLoss, divergence } }
}

/**
 * The update of one minibatch as a program. Columns: `observations` (normalised), `actions` as drawn, their `logLikelihoods` under the
 * policy that drew them, `advantages` and `targets` of the value.
 */
export function ppoProgram(
  { observationSize, actionSize }: NetworkSizes,
  state: HostTensors,
  settings: UpdateSettings
): Program {
  const { minibatch, learningRate, totalUpdates, clip, maxGradientNorm } = settings
  return {
    id: 'ppo',
    state: specsOf(state),
    columns: {
      observations: { width: observationSize },
      actions: { width: actionSize },
      logLikelihoods: { width: 1 },
      advantages: { width: 1 },
      targets: { width: 1 }
    },
    batchSize: minibatch,
    noise: {},
    metrics: ['policyLoss', 'valueLoss', 'divergence', 'gradientNorm'],
    step(present, batch) {
      const names = Object.keys(present).filter(name => /^(actor|critic)\//.test(name))
      const params = Object.fromEntries(names.map(name => [name, present[name]]))
      const { gradients, extras } = valueAndGradients(p => ppoLoss(p, batch, clip), params)
      const norm = gradientNorm(gradients)
      const shrink = minimum(div(maxGradientNorm, add(norm, 1e-6)), 1)
      const clipped = mapTensors(gradients, gradient => mul(gradient, shrink))
      const rate = mul<Scalar>(sub(1, div(present.step, totalUpdates)), learningRate)
      return {
        state: {
          ...present,
          ...adam(present, 'actor', part(clipped, 'actor'), rate),
          ...adam(present, 'critic', part(clipped, 'critic'), rate),
          step: nextStep(present)
        },
        metrics: { ...(extras as Metrics), gradientNorm: norm }
      }
    }
  }
}

/** Mean actions [rows, A] and values [rows, 1] of normalised observations [rows, O]. */
export function actFunction(
  { observationSize }: NetworkSizes,
  state: HostTensors,
  rows: number
): PureFunction {
  const names = Object.keys(state).filter(name => /^(actor|critic)\/\d/.test(name))
  return {
    id: 'ppo/act',
    params: specsOf(Object.fromEntries(names.map(name => [name, state[name]]))),
    inputs: { observations: { shape: [rows, observationSize], dtype: 'float32' } },
    outputs: ['actions', 'values'],
    fn: (params, { observations }) => ({
      actions: tanhMlp(part(params, 'actor'), observations),
      values: tanhMlp(part(params, 'critic'), observations)
    })
  }
}
