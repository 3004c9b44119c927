import { add, mul } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import { mapTensors, part, prefixed } from './parameters.ts'

/**
 * Moves the parameters under `target/` towards those under `source/`: target <- (1 - rate) target + rate source.
 * @param rate share of the source per step, in (0, 1]
 * @returns the new `target/...` entries
 */
export function polyak(state: Tensors, source: string, target: string, rate: number): Tensors {
  const online = part(state, source)
  const moved = mapTensors(part(state, target), (old, name) =>
    add(mul(old, 1 - rate), mul(online[name], rate))
  )
  return prefixed(target, moved)
}
