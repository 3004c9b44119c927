import type { Dataset, EpisodeColumns } from '../../../src-preload/contract/datasets.ts'
import { decodeColumn, type ColumnArray } from '../../../src-preload/contract/values.ts'
import type { ChartLine, ChartSpec } from '../../charts/types.ts'
import { paletteColour } from '../../ui/palette.ts'

/** One episode as plain arrays. */
export interface EpisodeData {
  readonly index: number
  readonly steps: number
  /** [T + 1, observation size] */
  readonly observations: ColumnArray
  readonly observationSize: number
  /** [T, action size] */
  readonly actions: ColumnArray
  readonly actionSize: number
  /** [T] */
  readonly rewards: ColumnArray
}

/** The columns of an episode in transit, decoded. */
export function episodeData(columns: EpisodeColumns): EpisodeData {
  const [rows = 0, ...rest] = columns.observations.shape
  const [steps = 0, ...actionRest] = columns.actions.shape
  const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
  return {
    index: columns.index,
    steps: Math.max(steps, rows - 1),
    observations: decodeColumn(columns.observations),
    observationSize: size(rest),
    actions: decodeColumn(columns.actions),
    actionSize: size(actionRest),
    rewards: decodeColumn(columns.rewards)
  }
}

/** One dimension of a [rows, size] column as a line over its rows; values that are not finite are marked, not drawn. */
export function dimensionLine(
  values: ColumnArray,
  size: number,
  dimension: number,
  name: string,
  colour: string
): ChartLine {
  const rows = size === 0 ? 0 : Math.floor(values.length / size)
  const finite: [number[], number[]] = [[], []]
  const other: [number[], number[]] = [[], []]
  for (let row = 0; row < rows; row++) {
    const value = values[row * size + dimension] ?? NaN
    const [x, y] = Number.isFinite(value) ? finite : other
    x.push(row)
    y.push(value)
  }
  return {
    id: `${dimension}`,
    name,
    colour,
    x: Float64Array.from(finite[0]),
    y: Float64Array.from(finite[1]),
    nonFinite: { x: Float64Array.from(other[0]), values: Float64Array.from(other[1]) }
  }
}

const lines = (
  values: ColumnArray,
  size: number,
  names: readonly string[],
  shown: ReadonlySet<number>,
  colours: readonly string[]
): readonly ChartLine[] =>
  Array.from({ length: size }, (_, i) => i)
    .filter(i => shown.has(i))
    .map(i => dimensionLine(values, size, i, names[i] ?? `${i}`, paletteColour(colours, i)))

/** Charts of one episode: chosen observation dimensions, actions and rewards over its steps. */
export function episodeCharts(
  episode: EpisodeData,
  dataset: Pick<Dataset, 'observationNames' | 'actionNames' | 'actionSpace'>,
  shown: { readonly observations: ReadonlySet<number>; readonly actions: ReadonlySet<number> },
  colours: readonly string[]
): { readonly observations: ChartSpec; readonly actions: ChartSpec; readonly rewards: ChartSpec } {
  const spec = (of: readonly ChartLine[]): ChartSpec => ({
    lines: of,
    xName: 'Step',
    xRange: [0, episode.steps]
  })
  const { observations, observationSize, actions, actionSize, rewards } = episode
  return {
    observations: spec(
      lines(observations, observationSize, dataset.observationNames, shown.observations, colours)
    ),
    actions: spec(
      lines(actions, actionSize, dataset.actionNames, shown.actions, colours).map(line =>
        dataset.actionSpace.kind === 'discrete' ? { ...line, points: true } : line
      )
    ),
    rewards: spec([dimensionLine(rewards, 1, 0, 'reward', paletteColour(colours, 0))])
  }
}

/** The dimensions shown at first: all of a few, the first of many. */
export const firstDimensions = (size: number, most = 6): ReadonlySet<number> =>
  new Set(Array.from({ length: Math.min(size, most) }, (_, i) => i))
