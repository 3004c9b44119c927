import { add, mul } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import { joinSmall, separate } from './joined.ts'
import { mapTensors, part, prefixed } from './parameters.ts'

/**
 * Moves the parameters under `target/` towards those under `source/`: target <- (1 - rate) target + rate source.
 * @param rate share of the source per step, in (0, 1]
 * @returns the new `target/...` entries
 */
export function polyak(state: Tensors, source: string, target: string, rate: number): Tensors {
  const targets = part(state, target)
  const order = Object.keys(targets)
  const online = joinSmall(part(state, source), order)
  const moved = mapTensors(joinSmall(targets, order), (old, name) =>
    add(mul(old, 1 - rate), mul(online[name], rate))
  )
  return prefixed(target, separate(moved, targets, order))
}
