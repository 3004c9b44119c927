import { concat1d, reshape, slice } from '@tensorflow/tfjs-core'
import type { Rank, Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'

/** Tensors of more elements stay as they are: laying them end to end costs more than one operation instead of several saves. */
const largest = 16_384
/** Name of the vector of all others; no tensor of a network has it. */
const joinedName = 'joined'

/**
 * Lays the small tensors of a group end to end, so that one operation does for all of them what is done element by element.
 * @param tensors of any shapes
 * @param order names of all tensors; vectors of one order fit together element by element
 */
export function joinSmall(tensors: Tensors, order: readonly string[]): Tensors {
  const small = order.filter(name => tensors[name].size <= largest)
  const large = order.filter(name => tensors[name].size > largest)
  const kept = Object.fromEntries(large.map(name => [name, tensors[name]]))
  if (small.length === 0) return kept
  return { ...kept, [joinedName]: concat1d(small.map(name => reshape<Rank.R1>(tensors[name], [-1]))) }
}

/**
 * The inverse of `joinSmall`.
 * @param like tensors with the names and shapes of those that were joined
 */
export function separate(joined: Tensors, like: Tensors, order: readonly string[]): Tensors {
  let begin = 0
  const entries = order.map((name): [string, Tensor] => {
    const { shape, size } = like[name]
    if (size > largest) return [name, joined[name]]
    const part = slice(joined[joinedName], [begin], [size])
    begin += size
    return [name, reshape(part, shape)]
  })
  return Object.fromEntries(entries)
}
