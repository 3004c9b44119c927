import { add, clipByValue, concat, div, exp, mul, square, sub, sum, tanh } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import { floats } from '../base/tensors.ts'
import type { HostTensors } from '../base/tensors.ts'
import { initMlp, mlp } from './mlp.ts'
import type { Dropout } from './mlp.ts'
import type { Initialization } from './initializers.ts'

/** A diagonal Gaussian: mean [B, A], log-standard-deviation [A], the same for all observations. */
export interface Gaussian {
  readonly mean: Tensor2D
  readonly logStd: Tensor1D
}

export interface GaussianOptions {
  /** Squash the mean to [-1, 1] by tanh; the distribution itself is not squashed. */
  readonly tanhMean: boolean
  readonly logStdRange: readonly [number, number]
}

/** Parameters of the mean's network and `logStd` [A], starting at 0. */
export function initGaussian(
  sizes: readonly number[],
  initialization: Initialization,
  seed: number,
  stream: string
): HostTensors {
  return { ...initMlp(sizes, initialization, seed, stream), logStd: floats([sizes[sizes.length - 1]]) }
}

/** The distribution of actions at observations [B, O]. */
export function gaussian(
  params: Tensors,
  observations: Tensor,
  options: GaussianOptions,
  dropout?: Dropout
): Gaussian {
  const raw = mlp(params, observations, dropout)
  const [low, high] = options.logStdRange
  return {
    mean: options.tanhMean ? tanh(raw) : raw,
    logStd: clipByValue(params.logStd as Tensor1D, low, high)
  }
}

const logTwoPi = Math.log(2 * Math.PI)

/**
 * log p(action), summed over action dimensions:
 *   sum_i -((a_i - mean_i) / std_i)^2 / 2 - logStd_i - log(2 pi) / 2
 * @param actions [B, A]
 * @returns [B]
 */
export function gaussianLogLikelihood({ mean, logStd }: Gaussian, actions: Tensor): Tensor1D {
  const z = div(sub(actions, mean), exp(logStd)) // [B, A]
  return sum(sub(mul(square(z), -0.5), add(logStd, logTwoPi / 2)), 1)
}

/** Mean of the entropy over the batch; the same everywhere because the spread does not depend on the observation. */
export function gaussianEntropy({ logStd }: Gaussian): Scalar {
  return sum(add(logStd, (logTwoPi + 1) / 2))
}

/**
 * `count` actions per row, mean + std * noise.
 * @param noise standard normals [count * B, A], sample-major
 * @returns [count * B, A]
 */
export function gaussianSample({ mean, logStd }: Gaussian, noise: Tensor, count: number): Tensor2D {
  return add(repeatRows(mean, count), mul(exp(logStd), noise))
}

/** The rows [B, n] `count` times over: [count * B, n]. */
export function repeatRows(rows: Tensor2D, count: number): Tensor2D {
  return count === 1
    ? rows
    : concat(
        Array.from({ length: count }, () => rows),
        0
      )
}
