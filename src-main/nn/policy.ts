import { clipByValue, mean, sqrt, square, sub, sum, tanh } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { Problem, Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import {
  categoricalEntropy,
  categoricalLogLikelihood,
  categoricalMismatch,
  probabilities
} from './categoricalPolicy.ts'
import {
  gaussian,
  gaussianEntropy,
  gaussianLogLikelihood,
  gaussianSample,
  initGaussian
} from './gaussianPolicy.ts'
import type { Initialization } from './initializers.ts'
import { initMlp, mlp } from './mlp.ts'
import type { Dropout } from './mlp.ts'

export interface PolicyOptions {
  readonly hiddenSizes: readonly number[]
  readonly initialization: Initialization
  /** Squash the Gaussian's mean by tanh. */
  readonly tanhMean: boolean
  readonly logStdRange: readonly [number, number]
  /** False for a policy that has a mean only (continuous actions fitted by squared error). */
  readonly stochastic: boolean
}

/** What an algorithm asks of a policy, the same for continuous and discrete actions. All arguments are [B, ...]. */
export interface Policy {
  init(seed: number): HostTensors
  /** Log-likelihood of given actions, [B]. */
  logLikelihood(params: Tensors, observations: Tensor, actions: Tensor, dropout?: Dropout): Tensor1D
  /** Squared error of the mean action (or of the probabilities), averaged over action dimensions, [B]. */
  squaredError(params: Tensors, observations: Tensor, actions: Tensor, dropout?: Dropout): Tensor1D
  /** The deterministic action [B, A] inside the bounds, or the probabilities [B, count]. */
  mode(params: Tensors, observations: Tensor): Tensor2D
  /** `count` actions per row inside the bounds from normals [count * B, A], sample-major; continuous only. */
  sample(params: Tensors, observations: Tensor, noise: Tensor, count: number): Tensor2D
  /** Outputs of acting: `actions`, or `logits`. */
  act(params: Tensors, observations: Tensor): Tensors
  /** Mean entropy in nats. */
  entropy(params: Tensors, observations: Tensor): Scalar
  /** Mean Euclidean distance of the deterministic action to the given one; discrete: share of rows where they differ. */
  actionDistance(params: Tensors, observations: Tensor, actions: Tensor): Scalar
}

/** The policy that fits the problem's actions. */
export function makePolicy(problem: Problem, options: PolicyOptions): Policy {
  return problem.action.kind === 'continuous'
    ? continuousPolicy(problem, problem.action.size, options)
    : discretePolicy(problem, problem.action.count, options)
}

function continuousPolicy(problem: Problem, size: number, options: PolicyOptions): Policy {
  const sizes = [problem.observationSize, ...options.hiddenSizes, size]
  const tanhMean = options.tanhMean && !problem.unboundedActions
  const at = (params: Tensors, observations: Tensor, dropout?: Dropout) =>
    gaussian(params, observations, { tanhMean, logStdRange: options.logStdRange }, dropout)
  const meanAt = (params: Tensors, observations: Tensor, dropout?: Dropout): Tensor2D => {
    const raw = mlp(params, observations, dropout)
    return tanhMean ? tanh(raw) : raw
  }
  const inBounds = (actions: Tensor2D): Tensor2D =>
    problem.unboundedActions ? actions : clipByValue(actions, -1, 1)
  const mode = (params: Tensors, observations: Tensor): Tensor2D =>
    tanhMean ? meanAt(params, observations) : inBounds(meanAt(params, observations))
  return {
    init: seed =>
      options.stochastic
        ? initGaussian(sizes, options.initialization, seed, 'init/actor')
        : initMlp(sizes, options.initialization, seed, 'init/actor'),
    logLikelihood: (params, observations, actions, dropout) =>
      gaussianLogLikelihood(at(params, observations, dropout), actions),
    squaredError: (params, observations, actions, dropout) =>
      mean(square(sub(meanAt(params, observations, dropout), actions)), 1),
    mode,
    sample: (params, observations, noise, count) =>
      inBounds(gaussianSample(at(params, observations), noise, count)),
    act: (params, observations) => ({ actions: mode(params, observations) }),
    entropy: (params, observations) => gaussianEntropy(at(params, observations)),
    actionDistance: (params, observations, actions) =>
      mean(sqrt(sum(square(sub(mode(params, observations), actions)), 1)))
  }
}

function discretePolicy(problem: Problem, count: number, options: PolicyOptions): Policy {
  const sizes = [problem.observationSize, ...options.hiddenSizes, count]
  return {
    init: seed => initMlp(sizes, options.initialization, seed, 'init/actor'),
    logLikelihood: (params, observations, actions, dropout) =>
      categoricalLogLikelihood(mlp(params, observations, dropout), actions),
    squaredError: (params, observations, actions, dropout) =>
      mean(square(sub(probabilities(mlp(params, observations, dropout)), actions)), 1),
    mode: (params, observations) => probabilities(mlp(params, observations)),
    sample: () => {
      throw new Error('invariant: a categorical policy is summed over, not sampled')
    },
    act: (params, observations) => ({ logits: mlp(params, observations) }),
    entropy: (params, observations) => mean(categoricalEntropy(mlp(params, observations))),
    actionDistance: (params, observations, actions) =>
      mean(categoricalMismatch(mlp(params, observations), actions))
  }
}
