import type { Problem, TrainingEpisode, TrainingView } from '../algorithms/algorithm.ts'
import type { SharedConfig } from '../algorithms/config.ts'
import { UserError } from '../base/errors.ts'
import { returnOf } from './build.ts'
import type { DatasetColumns, Episode, LoadedDataset } from './dataset.ts'
import { normaliseObservations, toUnitActions } from './normalise.ts'
import { fitActions, fitObservations, fitRewards, type Normaliser } from './normaliser.ts'
import { splitEpisodes } from './split.ts'

/** A training view that knows which episodes of the dataset it shows. */
export interface DatasetView extends TrainingView {
  /** [episodes] index in the dataset of each episode of the view. */
  readonly episodeIndices: Int32Array
}

export interface TrainingData {
  readonly problem: Problem
  readonly normaliser: Normaliser
  readonly training: DatasetView
  /** The held-out episodes seen through the same normaliser; no rows when nothing is held out. */
  readonly heldOut: DatasetView
}

export type DataConfig = Pick<SharedConfig, 'normalizeObservations' | 'rewardScaling' | 'heldOutShare'>

/**
 * What training reads of a dataset: training and held-out views, with normaliser, reward scaling and action map fitted on the training part.
 * @throws UserError('incompatible-data') when there is nothing to train on
 */
export function prepareTraining(dataset: LoadedDataset, config: DataConfig): TrainingData {
  const { columns, manifest } = dataset
  if (columns.episodes.length === 0)
    throw new UserError('incompatible-data', `the dataset ${manifest.name} has no episodes`)
  const split = splitEpisodes(columns, manifest.id, config.heldOutShare)
  const training = Array.from(split.training, index => columns.episodes[index])
  const space = manifest.actionSpace
  const normaliser: Normaliser = {
    observations: config.normalizeObservations ? fitObservations(columns, training) : null,
    actions: fitActions(columns, training, space),
    rewards: fitRewards(columns, training, config.rewardScaling)
  }
  return {
    problem: {
      observationSize: columns.observationSize,
      action:
        space.kind === 'discrete'
          ? { kind: 'discrete', count: space.count }
          : { kind: 'continuous', size: space.size },
      unboundedActions: space.kind === 'continuous' && space.outside === 'unbounded'
    },
    normaliser,
    training: viewOf(columns, split.training, normaliser),
    heldOut: viewOf(columns, split.heldOut, normaliser)
  }
}

/** Episodes of a dataset as the algorithms see them. @param indices of episodes, in the order in which rows come */
export function viewOf(columns: DatasetColumns, indices: Int32Array, normaliser: Normaliser): DatasetView {
  const chosen = Array.from(indices, index => columns.episodes[index])
  const rowCount = chosen.reduce((total, episode) => total + episode.length, 0)
  const observations = gatherObservations(columns, chosen, rowCount, normaliser)
  const actions = gatherActions(columns, chosen, rowCount, normaliser)
  const flags = gatherFlags(columns, chosen, rowCount, normaliser)
  const one = (data: Float32Array) => ({ width: 1, data })
  return {
    rowCount,
    columns: {
      observations: { width: columns.observationSize, data: observations.now },
      nextObservations: { width: columns.observationSize, data: observations.next },
      actions: { width: actions.width, data: actions.now },
      nextActions: { width: actions.width, data: actions.next },
      rewards: one(flags.rewards),
      nonTerminal: one(flags.nonTerminal),
      hasNextAction: one(flags.hasNextAction),
      hasNextObservation: one(flags.hasNextObservation)
    },
    episodes: describeEpisodes(columns, chosen),
    episodeIndices: indices
  }
}

function describeEpisodes(columns: DatasetColumns, chosen: readonly Episode[]): TrainingEpisode[] {
  let firstRow = 0
  return chosen.map(episode => {
    const { length, endReason } = episode
    const described = { firstRow, length, endReason, rawReturn: returnOf(columns, episode) }
    firstRow += length
    return described
  })
}

/** A next observation that the file does not hold is a copy of the row's own: finite, and marked by `hasNextObservation` 0. */
function gatherObservations(
  columns: DatasetColumns,
  chosen: readonly Episode[],
  rowCount: number,
  normaliser: Normaliser
) {
  const size = columns.observationSize
  const now = new Float32Array(rowCount * size)
  const next = new Float32Array(rowCount * size)
  let row = 0
  for (const { firstObservation, length, hasFinalObservation } of chosen) {
    const rows = (from: number, count: number) =>
      columns.observations.subarray(from * size, (from + count) * size)
    now.set(rows(firstObservation, length), row * size)
    next.set(rows(firstObservation + 1, length - 1), row * size)
    next.set(
      rows(firstObservation + (hasFinalObservation ? length : length - 1), 1),
      (row + length - 1) * size
    )
    row += length
  }
  return { now: normaliseObservations(normaliser, now), next: normaliseObservations(normaliser, next) }
}

/** The last action of an episode has no successor: zeros, marked by `hasNextAction` 0. */
function gatherActions(
  columns: DatasetColumns,
  chosen: readonly Episode[],
  rowCount: number,
  normaliser: Normaliser
) {
  const raw = new Float32Array(rowCount * columns.actionSize)
  let row = 0
  for (const { firstRow, length } of chosen) {
    raw.set(
      columns.actions.subarray(firstRow * columns.actionSize, (firstRow + length) * columns.actionSize),
      row * columns.actionSize
    )
    row += length
  }
  const now = toUnitActions(normaliser, raw)
  const width = normaliser.actions.kind === 'discrete' ? normaliser.actions.count : columns.actionSize
  const next = new Float32Array(now.length)
  row = 0
  for (const { length } of chosen) {
    next.set(now.subarray((row + 1) * width, (row + length) * width), row * width)
    row += length
  }
  return { width, now, next }
}

function gatherFlags(
  columns: DatasetColumns,
  chosen: readonly Episode[],
  rowCount: number,
  normaliser: Normaliser
) {
  const { scale, shift } = normaliser.rewards
  const rewards = new Float32Array(rowCount)
  const nonTerminal = new Float32Array(rowCount).fill(1)
  const hasNextAction = new Float32Array(rowCount).fill(1)
  const hasNextObservation = new Float32Array(rowCount).fill(1)
  let row = 0
  for (const episode of chosen) {
    const { firstRow, length } = episode
    if (columns.rewards.length > 0) {
      for (let t = 0; t < length; t++) rewards[row + t] = scale * columns.rewards[firstRow + t] + shift
    }
    row += length
    hasNextAction[row - 1] = 0
    if (episode.endReason === 'terminated') nonTerminal[row - 1] = 0
    if (!episode.hasFinalObservation) hasNextObservation[row - 1] = 0
  }
  return { rewards, nonTerminal, hasNextAction, hasNextObservation }
}
