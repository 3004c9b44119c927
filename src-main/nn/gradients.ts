import '../base/gradients.ts'
import { add, clone, keep, sqrt, square, sum, valueAndGrads } from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import { joinSmall } from './joined.ts'

/** A loss and whatever else its computation yields for free. */
export interface Loss {
  readonly loss: Scalar
  readonly extras?: Tensors
}

/**
 * Loss, gradients by parameter name, and the extras of the same forward pass.
 * @param fn a pure function of the parameters; every parameter must take part in the loss
 */
export function valueAndGradients(
  fn: (params: Tensors) => Loss,
  params: Tensors
): { loss: Scalar; gradients: Tensors; extras: Tensors } {
  const names = Object.keys(params)
  let kept: Record<string, Tensor> = {}
  const forward = (...tensors: Tensor[]): Scalar => {
    const { loss, extras = {} } = fn(Object.fromEntries(names.map((name, i) => [name, tensors[i]])))
    // tfjs frees what a differentiated function does not return; the extras must outlive it.
    kept = Object.fromEntries(Object.entries(extras).map(([name, tensor]) => [name, keep(clone(tensor))]))
    return loss
  }
  const { value, grads } = valueAndGrads(forward)(names.map(name => params[name]))
  const extras = Object.fromEntries(
    Object.entries(kept).map(([name, tensor]) => {
      const copy = clone(tensor)
      tensor.dispose()
      return [name, copy]
    })
  )
  return {
    loss: value,
    gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]])),
    extras
  }
}

/** Euclidean norm over all tensors together. */
export function gradientNorm(gradients: Tensors): Scalar {
  const parts = joinSmall(gradients, Object.keys(gradients))
  const squares = Object.values(parts).map(gradient => sum(square(gradient)))
  return sqrt(squares.reduce((total, value) => add(total, value))) as Scalar
}
