import { add, div, mul, sqrt, square, sub, tanh } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import { joinSmall, separate } from './joined.ts'
import { mapTensors, part, prefixed, zerosLike } from './parameters.ts'

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** Zero sums for the parameters of a group: `groupOptimizer/gradientSum/...` and `groupOptimizer/squareSum/...`. */
export function initAdam(group: string, params: HostTensors): HostTensors {
  return {
    ...prefixed(`${group}Optimizer/gradientSum`, zerosLike(params)),
    ...prefixed(`${group}Optimizer/squareSum`, zerosLike(params))
  }
}

/**
 * One Adam step of the parameters under `group/` (Kingma and Ba 2015, algorithm 1, with bias correction). The state keeps the moments
 * without their factors, `gradientSum` = m / (1 - beta1) and `squareSum` = v / (1 - beta2): a product less for each element of each.
 * @param state holds `group/...`, `groupOptimizer/{gradientSum,squareSum}/...` and `step`, the number of steps already taken
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
  const [p, g, gradientSum, squareSum] = [
    ...[params, decayed],
    ...[part(state, `${group}Optimizer/gradientSum`), part(state, `${group}Optimizer/squareSum`)]
  ].map(tensors => joinSmall(tensors, order))
  const newSum = mapTensors(gradientSum, (old, name) => add(mul(old, beta1), g[name]))
  const newSquares = mapTensors(squareSum, (old, name) => add(mul(old, beta2), square(g[name])))
  const t = add(state.step, 1)
  // With c = 1 - beta2^t the change rate m / (1 - beta1^t) / (sqrt(v / c) + epsilon) is, in sums and with s = sqrt(c / (1 - beta2)),
  // rate (1 - beta1) s / (1 - beta1^t) gradientSum / (sqrt(squareSum) + epsilon s).
  const scale = mul(sqrt(complementOfPower(beta2, t)), 1 / Math.sqrt(1 - beta2))
  const rate = div(mul(mul(scale, 1 - beta1), learningRate), complementOfPower(beta1, t))
  const offset = mul(scale, epsilon)
  const newP = mapTensors(p, (old, name) =>
    sub(old, mul(rate, div(newSum[name], add(sqrt(newSquares[name]), offset))))
  )
  return {
    ...prefixed(group, separate(newP, params, order)),
    ...prefixed(`${group}Optimizer/gradientSum`, separate(newSum, params, order)),
    ...prefixed(`${group}Optimizer/squareSum`, separate(newSquares, params, order))
  }
}

/**
 * Optimiser states of files that keep the moments themselves, `.../groupOptimizer/{m,v}/...`, as sums; other tensors stay as they are.
 * @param tensors by name, with any prefix
 */
export function sumsFromMoments<T extends { readonly data: ArrayLike<number> }>(
  tensors: Readonly<Record<string, T>>
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const [, before, moment, after] = /^(.*Optimizer)\/([mv])\/(.*)$/.exec(name) ?? []
      if (!moment) return [name, tensor]
      const { sum, beta } = sumOf[moment as 'm' | 'v']
      const data = Float32Array.from(tensor.data, value => value / (1 - beta))
      return [`${before}/${sum}/${after}`, { ...tensor, data }]
    })
  )
}

const sumOf = { m: { sum: 'gradientSum', beta: beta1 }, v: { sum: 'squareSum', beta: beta2 } } as const

/** 1 - beta^t without cancellation in float32, by 1 - exp(-x) = 2 T / (1 + T) with T = tanh(x / 2). */
function complementOfPower(beta: number, t: Tensor): Tensor {
  const half = tanh(mul(t, -Math.log(beta) / 2))
  return div(mul(half, 2), add(half, 1))
}
