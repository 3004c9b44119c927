import { add, div, matMul, mul, relu, step, sub } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import type { NoiseSpecs, Tensors } from '../algorithms/algorithm.ts'
import { floats } from '../base/tensors.ts'
import type { HostTensor, HostTensors } from '../base/tensors.ts'
import { orthogonal, uniformFanIn } from './initializers.ts'
import type { Initialization } from './initializers.ts'

/** Dropout of hidden units: keep where the uniform noise exceeds `rate`. Noise is named by layer: `0`, `1` ... [B, width]. */
export interface Dropout {
  readonly rate: number
  readonly noise: Tensors
}

/**
 * Initial parameters of a multilayer perceptron: `0/kernel` [in, out], `0/bias` [out] and so on.
 * Orthogonal kernels have gain sqrt(2) and zero biases (the reference IQL); uniform is +-1 / sqrt(in) for both.
 * @param sizes input, hidden and output widths
 */
export function initMlp(
  sizes: readonly number[],
  initialization: Initialization,
  seed: number,
  stream: string
): HostTensors {
  const entries = sizes.slice(1).flatMap((outputs, layer): [string, HostTensor][] => {
    const inputs = sizes[layer]
    const kernelAddress = { seed, stream: `${stream}/${layer}/kernel` }
    const biasAddress = { seed, stream: `${stream}/${layer}/bias` }
    const uniform = initialization === 'uniform'
    const kernel = uniform
      ? uniformFanIn(inputs * outputs, inputs, kernelAddress)
      : orthogonal(inputs, outputs, Math.SQRT2, kernelAddress)
    const bias = uniform ? uniformFanIn(outputs, inputs, biasAddress) : new Float32Array(outputs)
    return [
      [`${layer}/kernel`, floats([inputs, outputs], kernel)],
      [`${layer}/bias`, floats([outputs], bias)]
    ]
  })
  return Object.fromEntries(entries)
}

/**
 * Applies the network: ReLU between layers, none after the last.
 * @param params `0/kernel`, `0/bias` ...; other names are ignored
 * @param input [B, in]
 * @param dropout on every hidden layer, after its ReLU; absent when acting
 * @returns [B, out]
 */
export function mlp(params: Tensors, input: Tensor, dropout?: Dropout): Tensor2D {
  const layers = Object.keys(params).filter(name => name.endsWith('/kernel')).length
  let x = input
  for (let layer = 0; layer < layers; layer++) {
    x = add(matMul(x as Tensor2D, params[`${layer}/kernel`] as Tensor2D), params[`${layer}/bias`])
    if (layer < layers - 1) x = dropped(relu(x), layer, dropout)
  }
  return x as Tensor2D
}

function dropped(x: Tensor, layer: number, dropout: Dropout | undefined): Tensor {
  if (dropout === undefined || dropout.rate === 0) return x
  const keep = step(sub(dropout.noise[String(layer)], dropout.rate))
  return mul(x, div(keep, 1 - dropout.rate))
}

/** The uniform inputs that dropout needs: `prefix/0` [B, width] ...; none at rate 0. */
export function dropoutNoise(
  prefix: string,
  rate: number,
  hiddenSizes: readonly number[],
  batchSize: number
): NoiseSpecs {
  if (rate === 0) return {}
  return Object.fromEntries(
    hiddenSizes.map((width, layer) => [
      `${prefix}/${layer}`,
      { shape: [batchSize, width], distribution: 'uniform' as const }
    ])
  )
}
