/**
 * How training sees a dataset: observations shifted and scaled, actions mapped affinely to [-1, 1], rewards scaled.
 * Plain JSON values: the checkpoint and the exported policy carry one, so that a policy takes raw observations and gives raw actions.
 */
import { z } from 'zod'
import type { ActionSpace } from '../../src-preload/contract/datasets.ts'
import type { DatasetColumns, Episode } from './dataset.ts'
import { returnOf } from './build.ts'

const numbers = z.array(z.number())
export const normaliserSchema = z.object({
  /** normalised = (raw - mean) / scale per dimension; null leaves observations raw. */
  observations: z.object({ mean: numbers, scale: numbers }).nullable(),
  actions: z.discriminatedUnion('kind', [
    /** unit = 2 (raw - low) / (high - low) - 1; `clip` limits to [-1, 1] in both directions. */
    z.object({ kind: z.literal('continuous'), low: numbers, high: numbers, clip: z.boolean() }),
    z.object({ kind: z.literal('discrete'), count: z.number().int(), start: z.number().int() })
  ]),
  /** scaled = scale raw + shift. */
  rewards: z.object({ scale: z.number(), shift: z.number() })
})
export type Normaliser = z.infer<typeof normaliserSchema>

export type RewardScaling = 'none' | 'returnRange' | 'standardize' | 'minusOne'

/** Added to the standard deviation, as the official IQL and CORL do. */
const observationEpsilon = 1e-3

/** Mean and scale of the observations in which the episodes act (final observations do not count). */
export function fitObservations(
  columns: DatasetColumns,
  episodes: readonly Episode[]
): { mean: number[]; scale: number[] } {
  const { observationSize: size, observations } = columns
  const sums = new Float64Array(size)
  const squares = new Float64Array(size)
  const rows = episodes.reduce((total, episode) => total + episode.length, 0)
  forObservations(columns, episodes, at => {
    for (let i = 0; i < size; i++) sums[i] += observations[at + i]
  })
  const mean = Array.from(sums, sum => sum / rows)
  forObservations(columns, episodes, at => {
    for (let i = 0; i < size; i++) squares[i] += (observations[at + i] - mean[i]) ** 2
  })
  return { mean, scale: Array.from(squares, sum => Math.sqrt(sum / rows) + observationEpsilon) }
}

function forObservations(
  columns: DatasetColumns,
  episodes: readonly Episode[],
  visit: (offset: number) => void
): void {
  for (const { firstObservation, length } of episodes) {
    for (let t = 0; t < length; t++) visit((firstObservation + t) * columns.observationSize)
  }
}

/** Reward scale and shift from the given episodes; a range or deviation of 0 leaves rewards as they are. */
export function fitRewards(
  columns: DatasetColumns,
  episodes: readonly Episode[],
  scaling: RewardScaling
): { scale: number; shift: number } {
  if (scaling === 'none' || columns.rewards.length === 0) return { scale: 1, shift: 0 }
  if (scaling === 'minusOne') return { scale: 1, shift: -1 }
  const spread =
    scaling === 'returnRange' ? returnRange(columns, episodes) / 1000 : rewardDeviation(columns, episodes)
  return { scale: spread > 0 ? 1 / spread : 1, shift: 0 }
}

function returnRange(columns: DatasetColumns, episodes: readonly Episode[]): number {
  let [low, high] = [Infinity, -Infinity]
  for (const episode of episodes) {
    const value = returnOf(columns, episode)
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return high - low
}

function rewardDeviation(columns: DatasetColumns, episodes: readonly Episode[]): number {
  let [count, mean, squares] = [0, 0, 0]
  for (const { firstRow, length } of episodes) {
    for (let row = firstRow; row < firstRow + length; row++) {
      const delta = columns.rewards[row] - mean
      mean += delta / ++count
      squares += delta * (columns.rewards[row] - mean)
    }
  }
  return Math.sqrt(squares / count)
}

/** The action map of a space; `rescale` widens the bounds to what the given episodes hold. */
export function fitActions(
  columns: DatasetColumns,
  episodes: readonly Episode[],
  space: ActionSpace
): Normaliser['actions'] {
  if (space.kind === 'discrete') return { kind: 'discrete', count: space.count, start: space.start }
  const [low, high] = [[...space.low], [...space.high]]
  if (space.outside === 'rescale') {
    const size = columns.actionSize
    for (const { firstRow, length } of episodes) {
      for (let at = firstRow * size; at < (firstRow + length) * size; at++) {
        low[at % size] = Math.min(low[at % size], columns.actions[at])
        high[at % size] = Math.max(high[at % size], columns.actions[at])
      }
    }
  }
  // A dimension without width maps to 0 instead of dividing by 0.
  for (let i = 0; i < low.length; i++) if (!(high[i] > low[i])) [low[i], high[i]] = [low[i] - 1, low[i] + 1]
  return { kind: 'continuous', low, high, clip: space.outside !== 'unbounded' }
}
