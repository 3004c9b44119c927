import { RandomSequence } from '../base/random.ts'
import { returnOf } from './build.ts'
import type { DatasetColumns } from './dataset.ts'

export interface Split {
  /** Indices of episodes, ascending. */
  readonly training: Int32Array
  readonly heldOut: Int32Array
}

/**
 * Splits episodes into a training and a held-out part: episodes sorted by return, cut into as many strata as are held out, one drawn
 * from each. Depends on the dataset and the share only, so all runs of an experiment hold out the same episodes.
 * @param seedText the dataset's id
 * @param share of episodes, 0 to 0.5; rounded to whole episodes, at least one stays for training
 */
export function splitEpisodes(columns: DatasetColumns, seedText: string, share: number): Split {
  const count = columns.episodes.length
  const heldCount = Math.min(count - 1, Math.round(share * count))
  const returns = Float64Array.from(columns.episodes, episode => returnOf(columns, episode))
  const order = Int32Array.from(returns.keys()).sort((a, b) => compare(returns[a], returns[b]) || a - b)
  const random = new RandomSequence(0, `split/${seedText}`)
  const held = new Set<number>()
  for (let stratum = 0; stratum < heldCount; stratum++) {
    const first = Math.floor((stratum * count) / heldCount)
    const end = Math.floor(((stratum + 1) * count) / heldCount)
    held.add(order[first + random.integer(end - first)])
  }
  const all = Array.from({ length: count }, (_, index) => index)
  return {
    training: Int32Array.from(all.filter(i => !held.has(i))),
    heldOut: Int32Array.from(all.filter(i => held.has(i)))
  }
}

/** Ascending, NaN last. */
const compare = (a: number, b: number): number =>
  (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0) || (a === b ? 0 : a - b)
