import { add, matMul, tanh } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { Tensors } from '../../algorithms/algorithm.ts'
import { floats } from '../../base/tensors.ts'
import type { HostTensor, HostTensors } from '../../base/tensors.ts'
import { initAdam } from '../../nn/adam.ts'
import { orthogonal } from '../../nn/initializers.ts'
import { prefixed } from '../../nn/parameters.ts'

/** Widths of the networks of a learner. */
export interface NetworkSizes {
  readonly observationSize: number
  readonly actionSize: number
  readonly hiddenSizes: readonly number[]
}

/** Orthogonal kernels of gain sqrt(2), the last layer of gain `lastGain`; zero biases. */
function initTanhMlp(sizes: readonly number[], lastGain: number, seed: number, stream: string): HostTensors {
  const layers = sizes.slice(1).flatMap((outputs, layer): [string, HostTensor][] => {
    const inputs = sizes[layer]
    const gain = layer === sizes.length - 2 ? lastGain : Math.SQRT2
    const kernel = orthogonal(inputs, outputs, gain, { seed, stream: `${stream}/${layer}/kernel` })
    return [
      [`${layer}/kernel`, floats([inputs, outputs], kernel)],
      [`${layer}/bias`, floats([outputs])]
    ]
  })
  return Object.fromEntries(layers)
}

/** Applies a network with tanh between its layers: [B, in] to [B, out]. */
export function tanhMlp(params: Tensors, input: Tensor): Tensor2D {
  const layers = Object.keys(params).filter(name => name.endsWith('/kernel')).length
  let x = input
  for (let layer = 0; layer < layers; layer++) {
    x = add(matMul(x as Tensor2D, params[`${layer}/kernel`] as Tensor2D), params[`${layer}/bias`])
    if (layer < layers - 1) x = tanh(x)
  }
  return x as Tensor2D
}

/**
 * Initial state of PPO: `actor/` with a log standard deviation a dimension, free of the observation and zero at first, `critic/`,
 * the moments of Adam and `step`. The actor's last layer is small (gain 0.01), so first actions centre on zero.
 */
export function initPpo(
  { observationSize, actionSize, hiddenSizes }: NetworkSizes,
  seed: number
): HostTensors {
  const actor = {
    ...initTanhMlp([observationSize, ...hiddenSizes, actionSize], 0.01, seed, 'collect/actor'),
    logStd: floats([actionSize])
  }
  const critic = initTanhMlp([observationSize, ...hiddenSizes, 1], 1, seed, 'collect/critic')
  return {
    ...prefixed('actor', actor),
    ...prefixed('critic', critic),
    ...initAdam('actor', actor),
    ...initAdam('critic', critic),
    step: floats([])
  }
}
