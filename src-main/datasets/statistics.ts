import {
  type ActionSpace,
  type Dimension,
  endReason as endReasonSchema,
  type DatasetSummary,
  type EndReason,
  type Histogram
} from '../../src-preload/contract/datasets.ts'
import { type Scalar, toScalar } from '../../src-preload/contract/values.ts'
import { returnOf, transitionsOf } from './build.ts'
import type { DatasetColumns, DatasetDescription } from './dataset.ts'

/** Counts of a dataset as its table row shows them. */
export interface DatasetFacts {
  readonly episodes: number
  readonly transitions: number
  readonly missingNextObservations: number
  readonly endReasons: Readonly<Record<EndReason, number>>
  readonly meanReturn: Scalar
  readonly bestReturn: Scalar
  readonly meanLength: Scalar
}

type Problem = DatasetSummary['problems'][number]
export type Described = Pick<
  DatasetDescription,
  'actionSpace' | 'observationNames' | 'actionNames' | 'hasRewards'
>

/** Bins of every histogram. */
const bins = 40

/** Counts of finite values in equal bins; a single value gets one bin around it. */
export function histogramOf(values: ArrayLike<number>, stride = 1, offset = 0): Histogram {
  let [low, high, nonFinite] = [Infinity, -Infinity, 0]
  for (let i = offset; i < values.length; i += stride) {
    if (!Number.isFinite(values[i])) nonFinite++
    else {
      low = Math.min(low, values[i])
      high = Math.max(high, values[i])
    }
  }
  if (low > high) return { low: 0, high: 0, counts: [], nonFinite }
  if (low === high)
    return { low, high, counts: [Math.ceil((values.length - offset) / stride) - nonFinite], nonFinite }
  const counts = new Array<number>(bins).fill(0)
  for (let i = offset; i < values.length; i += stride) {
    if (Number.isFinite(values[i]))
      counts[Math.min(bins - 1, Math.floor(((values[i] - low) / (high - low)) * bins))]++
  }
  return { low, high, counts, nonFinite }
}

/** Mean and population standard deviation of the finite values, in two passes. */
function momentsOf(
  values: ArrayLike<number>,
  stride: number,
  offset: number
): { mean: number; deviation: number; low: number; high: number } {
  let [sum, count, low, high] = [0, 0, Infinity, -Infinity]
  for (let i = offset; i < values.length; i += stride) {
    if (!Number.isFinite(values[i])) continue
    sum += values[i]
    count++
    low = Math.min(low, values[i])
    high = Math.max(high, values[i])
  }
  const mean = sum / count
  let squares = 0
  for (let i = offset; i < values.length; i += stride)
    if (Number.isFinite(values[i])) squares += (values[i] - mean) ** 2
  return count === 0
    ? { mean: NaN, deviation: NaN, low: NaN, high: NaN }
    : { mean, deviation: Math.sqrt(squares / count), low, high }
}

function dimensionOf(
  group: Dimension['group'],
  index: number,
  name: string,
  values: Float32Array,
  stride: number
): Dimension {
  const { mean, deviation, low, high } = momentsOf(values, stride, index)
  const histogram = histogramOf(values, stride, index)
  return {
    group,
    index,
    name,
    mean: toScalar(mean),
    standardDeviation: toScalar(deviation),
    minimum: toScalar(low),
    maximum: toScalar(high),
    nonFinite: histogram.nonFinite,
    constant: low === high && histogram.nonFinite === 0,
    shareAtBound: null,
    histogram
  }
}

/** Observations without the rows of NaN that stand for missing final ones. */
function storedObservations(columns: DatasetColumns): Float32Array {
  if (columns.episodes.every(episode => episode.hasFinalObservation)) return columns.observations
  const size = columns.observationSize
  const missing = columns.episodes.filter(episode => !episode.hasFinalObservation).length
  const kept = new Float32Array(columns.observations.length - missing * size)
  let at = 0
  for (const { firstObservation, length, hasFinalObservation } of columns.episodes) {
    const rows = columns.observations.subarray(
      firstObservation * size,
      (firstObservation + length + (hasFinalObservation ? 1 : 0)) * size
    )
    kept.set(rows, at)
    at += rows.length
  }
  return kept
}

function shareAtBound(columns: DatasetColumns, space: ActionSpace, index: number): number | null {
  if (space.kind === 'discrete') return null
  const [low, high] = [Math.fround(space.low[index]), Math.fround(space.high[index])]
  let at = 0
  for (let i = index; i < columns.actions.length; i += columns.actionSize)
    if (columns.actions[i] === low || columns.actions[i] === high) at++
  return at / transitionsOf(columns)
}

/** Share of rows with a component outside the bounds; float32 rounding of a bound does not count. */
export function shareOutside(
  columns: DatasetColumns,
  low: readonly number[],
  high: readonly number[]
): number {
  const size = columns.actionSize
  const margin = low.map((bound, i) => 1e-6 * (high[i] - bound))
  let rows = 0
  for (let row = 0; row < columns.actions.length; row += size) {
    for (let i = 0; i < size; i++) {
      const action = columns.actions[row + i]
      if (action < low[i] - margin[i] || action > high[i] + margin[i]) {
        rows++
        break
      }
    }
  }
  return rows / transitionsOf(columns)
}

/** Number of transitions whose observation, action and reward equal those of an earlier one. */
export function countDuplicates(columns: DatasetColumns): number {
  const transitions = transitionsOf(columns)
  const parts = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)
  const [observations, actions, rewards] = [
    parts(columns.observations),
    parts(columns.actions),
    parts(columns.rewards)
  ]
  const hashes = new Float64Array(transitions)
  const { observationSize, actionSize } = columns
  let row = 0
  for (const { firstObservation, length } of columns.episodes) {
    for (let t = 0; t < length; t++, row++) {
      let [a, b] = [0x811c9dc5, 0x9747b28c]
      const mix = (words: Uint32Array, from: number, count: number) => {
        for (let i = from; i < from + count; i++) {
          a = Math.imul(a ^ words[i], 0x01000193)
          b = Math.imul(b ^ words[i], 0x5bd1e995) ^ (b >>> 15)
        }
      }
      mix(observations, (firstObservation + t) * observationSize, observationSize)
      mix(actions, row * actionSize, actionSize)
      if (rewards.length > 0) mix(rewards, row, 1)
      hashes[row] = (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)
    }
  }
  hashes.sort()
  let duplicates = 0
  for (let i = 1; i < transitions; i++) if (hashes[i] === hashes[i - 1]) duplicates++
  return duplicates
}

/** What the datasets table shows of the columns. */
export function factsOf(columns: DatasetColumns): DatasetFacts {
  const endReasons = Object.fromEntries(endReasonSchema.options.map(reason => [reason, 0])) as Record<
    EndReason,
    number
  >
  for (const episode of columns.episodes) endReasons[episode.endReason]++
  const returns = columns.episodes.map(episode => returnOf(columns, episode))
  const count = columns.episodes.length
  return {
    episodes: count,
    transitions: transitionsOf(columns),
    missingNextObservations: columns.episodes.filter(episode => !episode.hasFinalObservation).length,
    endReasons,
    meanReturn: toScalar(returns.reduce((sum, value) => sum + value, 0) / count),
    bestReturn: toScalar(best(returns)),
    meanLength: toScalar(transitionsOf(columns) / count)
  }
}

/** Histograms, the per-dimension table, duplicates and problems of a dataset. */
export function summarise(
  columns: DatasetColumns,
  described: Described,
  problems: readonly Problem[] = []
): DatasetSummary {
  const observations = storedObservations(columns)
  const { observationSize, actionSize } = columns
  const range = (size: number) => Array.from({ length: size }, (_, index) => index)
  const dimensions = [
    ...range(observationSize).map(i =>
      dimensionOf(
        'observations',
        i,
        described.observationNames[i] ?? `observation:${i}`,
        observations,
        observationSize
      )
    ),
    ...range(actionSize).map(i => ({
      ...dimensionOf('actions', i, described.actionNames[i] ?? `action:${i}`, columns.actions, actionSize),
      shareAtBound: shareAtBound(columns, described.actionSpace, i)
    })),
    ...(described.hasRewards ? [dimensionOf('rewards', 0, 'reward', columns.rewards, 1)] : [])
  ]
  const duplicateRows = countDuplicates(columns)
  return {
    returns: histogramOf(columns.episodes.map(episode => returnOf(columns, episode))),
    lengths: histogramOf(columns.episodes.map(episode => episode.length)),
    dimensions,
    duplicateRows,
    problems: [...problems, ...problemsOf(columns, dimensions, duplicateRows)]
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
const list = (dimensions: readonly Dimension[]): string => {
  const names = dimensions.slice(0, 6).map(dimension => dimension.name)
  return dimensions.length > 6 ? `${names.join(', ')} and ${dimensions.length - 6} more` : names.join(', ')
}

function problemsOf(
  columns: DatasetColumns,
  dimensions: readonly Dimension[],
  duplicateRows: number
): Problem[] {
  const problems: Problem[] = []
  const add = (severity: Problem['severity'], text: string) => problems.push({ severity, text })
  for (const group of ['observations', 'actions', 'rewards'] as const) {
    const bad = dimensions.filter(dimension => dimension.group === group && dimension.nonFinite > 0)
    const count = bad.reduce((sum, dimension) => sum + dimension.nonFinite, 0)
    if (count > 0)
      add(
        'error',
        `${count} ${count === 1 ? 'value of the ' + group + ' is' : 'values of the ' + group + ' are'} NaN or infinite (${list(bad)}); training on them stops at the first such batch`
      )
  }
  const constant = dimensions.filter(dimension => dimension.constant)
  if (constant.length > 0) add('info', `constant: ${list(constant)}`)
  const bound = dimensions.filter(dimension => (dimension.shareAtBound ?? 0) > 0.01)
  if (bound.length > 0) {
    const largest = Math.max(...bound.map(dimension => dimension.shareAtBound ?? 0))
    add('info', `up to ${percent(largest)} of actions lie exactly on a bound (${list(bound)})`)
  }
  const transitions = transitionsOf(columns)
  if (duplicateRows > 0) {
    const share = duplicateRows / transitions
    add(
      share > 0.05 ? 'warning' : 'info',
      `${duplicateRows} of ${transitions} transitions (${percent(share)}) repeat an earlier one exactly`
    )
  }
  const late = lateRewards(columns)
  if (late !== null) add('warning', late)
  const several = repeatedGoals(columns)
  if (several > 0) add('info', `${several} episodes are rewarded more than once by sparse rewards`)
  return problems
}

/** True where rewards are 0 or one other value, mostly 0. */
function isSparse(rewards: Float32Array): boolean {
  let other = 0
  let rewarded = 0
  for (const reward of rewards) {
    if (reward === 0) continue
    if (other !== 0 && reward !== other) return false
    other = reward
    rewarded++
  }
  return rewarded > 0 && rewarded < rewards.length / 2
}

/** Sparse rewards that come with the first step of the next episode instead of the last step of the one that ended. */
function lateRewards({ rewards, episodes }: DatasetColumns): string | null {
  if (!isSparse(rewards)) return null
  let [ended, late] = [0, 0]
  for (let i = 0; i + 1 < episodes.length; i++) {
    if (episodes[i].endReason !== 'terminated') continue
    ended++
    if (
      rewards[episodes[i].firstRow + episodes[i].length - 1] === 0 &&
      rewards[episodes[i + 1].firstRow] !== 0
    )
      late++
  }
  if (late < 3 || late < ended / 2) return null
  return `${late} of ${ended} terminated episodes are followed by a reward in the first step of the next: rewards look one step late`
}

function repeatedGoals({ rewards, episodes }: DatasetColumns): number {
  if (!isSparse(rewards)) return 0
  return episodes.filter(({ firstRow, length }) => {
    let rewarded = 0
    for (let row = firstRow; row < firstRow + length; row++) if (rewards[row] !== 0) rewarded++
    return rewarded > 1
  }).length
}

/** The largest number; NaN, which shows as such, where none is one. */
function best(returns: readonly number[]): number {
  const numbers = returns.filter(value => !Number.isNaN(value))
  return numbers.length === 0 ? NaN : numbers.reduce((high, value) => Math.max(high, value), -Infinity)
}
