import type { Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import type { HostTensor, HostTensors } from '../base/tensors.ts'
import { floats } from '../base/tensors.ts'

/**
 * The tensors under a prefix, named relative to it: `part({ 'actor/0/bias': b }, 'actor')` is `{ '0/bias': b }`.
 * @param prefix without a trailing slash
 */
export function part<T>(tensors: Readonly<Record<string, T>>, prefix: string): Readonly<Record<string, T>> {
  const start = `${prefix}/`
  const chosen = Object.entries(tensors).filter(([name]) => name.startsWith(start))
  return Object.fromEntries(chosen.map(([name, tensor]) => [name.slice(start.length), tensor]))
}

/** The inverse of `part`: puts `prefix/` before every name. */
export function prefixed<T>(
  prefix: string,
  tensors: Readonly<Record<string, T>>
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]))
}

/** Applies a function to every tensor, names kept. */
export function mapTensors(tensors: Tensors, fn: (tensor: Tensor, name: string) => Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, fn(tensor, name)]))
}

/** Host tensors of the same names and shapes, all zero; for optimiser moments. */
export function zerosLike(tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, floats(shape)]))
}

/** A copy that shares no memory; for targets that start equal to their source. */
export function copyOf(tensors: HostTensors): HostTensors {
  const copy = ({ shape, data }: HostTensor): HostTensor => floats(shape, Float32Array.from(data))
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copy(tensor)]))
}
