import type { EndReason } from '../../src-preload/contract/datasets.ts'
import { invariant } from '../base/errors.ts'
import type { DatasetColumns, Episode } from './dataset.ts'

/** One episode as an importer or a recipe hands it over. */
export interface NeutralEpisode {
  /** [T + 1, observationSize], or [T, observationSize] where the file does not hold the final observation. */
  readonly observations: Float32Array
  /** [T, actionSize]; discrete actions as whole numbers from 0. */
  readonly actions: Float32Array
  /** [T]; null when the data has no rewards. */
  readonly rewards: Float32Array | null
  readonly endReason: EndReason
  readonly source: string
}

export interface ColumnSizes {
  readonly observationSize: number
  readonly actionSize: number
  readonly hasRewards: boolean
}

/** A Float32Array that grows by doubling. */
class GrowingColumn {
  #data: Float32Array<ArrayBuffer>
  length = 0

  constructor(capacity: number) {
    this.#data = new Float32Array(capacity)
  }

  append(values: Float32Array): void {
    if (this.length + values.length > this.#data.length) {
      const grown = new Float32Array(Math.max(this.length + values.length, this.#data.length * 2))
      grown.set(this.#data.subarray(0, this.length))
      this.#data = grown
    }
    this.#data.set(values, this.length)
    this.length += values.length
  }

  finish(): Float32Array {
    return this.length === this.#data.length ? this.#data : this.#data.slice(0, this.length)
  }
}

/** Collects episodes into columns; give the expected counts so that large data is allocated once. */
export class ColumnsBuilder {
  readonly sizes: ColumnSizes
  readonly #observations: GrowingColumn
  readonly #actions: GrowingColumn
  readonly #rewards: GrowingColumn
  readonly #episodes: Episode[] = []
  readonly #missing: Float32Array
  #rows = 0

  constructor(
    sizes: ColumnSizes,
    expected: { readonly transitions: number; readonly episodes: number } = { transitions: 256, episodes: 4 }
  ) {
    this.sizes = sizes
    this.#observations = new GrowingColumn((expected.transitions + expected.episodes) * sizes.observationSize)
    this.#actions = new GrowingColumn(expected.transitions * sizes.actionSize)
    this.#rewards = new GrowingColumn(sizes.hasRewards ? expected.transitions : 0)
    this.#missing = new Float32Array(sizes.observationSize).fill(NaN)
  }

  get transitions(): number {
    return this.#rows
  }

  get episodes(): number {
    return this.#episodes.length
  }

  /** Appends one episode; a final observation that is not there becomes a row of NaN. */
  add(episode: NeutralEpisode): void {
    const { observationSize, actionSize, hasRewards } = this.sizes
    const length = episode.actions.length / actionSize
    const observed = episode.observations.length / observationSize
    invariant(
      length > 0 && (observed === length || observed === length + 1),
      `an episode of ${length} actions has ${observed} observations`
    )
    if (hasRewards)
      invariant(
        episode.rewards?.length === length,
        `an episode of ${length} actions has ${episode.rewards?.length} rewards`
      )
    this.#episodes.push({
      firstRow: this.#rows,
      firstObservation: this.#rows + this.#episodes.length,
      length,
      endReason: episode.endReason,
      hasFinalObservation: observed === length + 1,
      source: episode.source
    })
    this.#observations.append(episode.observations)
    if (observed === length) this.#observations.append(this.#missing)
    this.#actions.append(episode.actions)
    if (episode.rewards !== null && hasRewards) this.#rewards.append(episode.rewards)
    this.#rows += length
  }

  finish(): DatasetColumns {
    const { observationSize, actionSize } = this.sizes
    return {
      observationSize,
      actionSize,
      observations: this.#observations.finish(),
      actions: this.#actions.finish(),
      rewards: this.#rewards.finish(),
      episodes: this.#episodes
    }
  }
}

/** Columns of a list of episodes. */
export function buildColumns(sizes: ColumnSizes, episodes: Iterable<NeutralEpisode>): DatasetColumns {
  const builder = new ColumnsBuilder(sizes)
  for (const episode of episodes) builder.add(episode)
  return builder.finish()
}

/** Undiscounted return of an episode, in raw reward units, summed in float64; 0 without rewards. */
export function returnOf(columns: DatasetColumns, episode: Episode): number {
  if (columns.rewards.length === 0) return 0
  let sum = 0
  for (let row = episode.firstRow; row < episode.firstRow + episode.length; row++) sum += columns.rewards[row]
  return sum
}

/** Number of transitions. */
export const transitionsOf = (columns: DatasetColumns): number => columns.actions.length / columns.actionSize
