import { add, div, mul, sqrt, square, sub, tanh } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import { joinSmall, separate } from './joined.ts'
import { mapTensors, part, prefixed, zerosLike } from './parameters.ts'

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
  const order = Object.keys(params)
  const decayed = mapTensors(gradients, (g, name) =>
    weightDecay > 0 && name.endsWith('kernel') ? add(g, mul(params[name], weightDecay)) : g
  )
  const [p, g, m, v] = [
    ...[params, decayed],
    ...[part(state, `${group}Optimizer/m`), part(state, `${group}Optimizer/v`)]
  ].map(tensors => joinSmall(tensors, order))
  const newM = mapTensors(m, (old, name) => add(mul(old, beta1), mul(g[name], 1 - beta1)))
  const newV = mapTensors(v, (old, name) => add(mul(old, beta2), mul(square(g[name]), 1 - beta2)))
  const t = add(state.step, 1)
  // rate m / (1 - beta1^t) / (sqrt(v / c) + epsilon) with c = 1 - beta2^t is rate sqrt(c) / (1 - beta1^t) m / (sqrt(v) + epsilon sqrt(c)).
  const scale = sqrt(complementOfPower(beta2, t))
  const rate = div(mul(scale, learningRate), complementOfPower(beta1, t))
  const offset = mul(scale, epsilon)
  const newP = mapTensors(p, (old, name) =>
    sub(old, mul(rate, div(newM[name], add(sqrt(newV[name]), offset))))
  )
  return {
    ...prefixed(group, separate(newP, params, order)),
    ...prefixed(`${group}Optimizer/m`, separate(newM, params, order)),
    ...prefixed(`${group}Optimizer/v`, separate(newV, params, order))
  }
}

/** 1 - beta^t without cancellation in float32, by 1 - exp(-x) = 2 T / (1 + T) with T = tanh(x / 2). */
function complementOfPower(beta: number, t: Tensor): Tensor {
  const half = tanh(mul(t, -Math.log(beta) / 2))
  return div(mul(half, 2), add(half, 1))
}
