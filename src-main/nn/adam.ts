import { add, div, mul, sqrt, square, sub, tanh } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import { part, prefixed, zerosLike } from './parameters.ts'

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** Zero moments for the parameters of a group: `groupOptimizer/m/...` and `groupOptimizer/v/...`. */
export function initAdam(group: string, params: HostTensors): HostTensors {
  return {
    ...prefixed(`${group}Optimizer/m`, zerosLike(params)),
    ...prefixed(`${group}Optimizer/v`, zerosLike(params))
  }
}

/**
 * One Adam step of the parameters under `group/` (Kingma and Ba 2015, algorithm 1, with bias correction).
 * @param state holds `group/...`, `groupOptimizer/{m,v}/...` and `step`, the number of steps already taken
 * @param gradients by name relative to the group
 * @param learningRate a number, or a scalar of the present step
 * @param weightDecay L2 factor added to the gradients of kernels; 0 for none
 * @returns the entries of the state that changed
 */
export function adam(
  state: Tensors,
  group: string,
  gradients: Tensors,
  learningRate: number | Scalar,
  weightDecay = 0
): Tensors {
  const params = part(state, group)
  const t = add(state.step, 1)
  const rate = div(learningRate, complementOfPower(beta1, t))
  const secondScale = complementOfPower(beta2, t)
  const changed: Record<string, Tensor> = {}
  for (const [name, param] of Object.entries(params)) {
    const mName = `${group}Optimizer/m/${name}`
    const vName = `${group}Optimizer/v/${name}`
    const decayed = weightDecay > 0 && name.endsWith('kernel')
    const g = decayed ? add(gradients[name], mul(param, weightDecay)) : gradients[name]
    const m = add(mul(state[mName], beta1), mul(g, 1 - beta1))
    const v = add(mul(state[vName], beta2), mul(square(g), 1 - beta2))
    changed[mName] = m
    changed[vName] = v
    changed[`${group}/${name}`] = sub(param, mul(rate, div(m, add(sqrt(div(v, secondScale)), epsilon))))
  }
  return changed
}

/** 1 - beta^t without cancellation in float32, by 1 - exp(-x) = 2 T / (1 + T) with T = tanh(x / 2). */
function complementOfPower(beta: number, t: Tensor): Tensor {
  const half = tanh(mul(t, -Math.log(beta) / 2))
  return div(mul(half, 2), add(half, 1))
}
