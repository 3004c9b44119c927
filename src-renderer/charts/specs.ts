import { groupLine, type Band, type Centre } from './groups.ts'
import { lineOf, xOf, type SeriesData } from './seriesData.ts'
import type { ChartLine, ChartSpec, ReferenceLine, XAxis } from './types.ts'

/** How a run is drawn; equal in tables, charts and replays. */
export interface RunStyle {
  readonly runId: string
  readonly name: string
  readonly colour: string
  readonly groupKey: string
  readonly groupName: string
}

export interface BoardSettings {
  readonly axis: XAxis
  readonly smoothing: number
  readonly grouped: boolean
  readonly centre: Centre
  readonly band: Band
  /** Faint lines of the members behind a group's line. */
  readonly members: boolean
  readonly ignoreOutliers: boolean
  readonly logY: boolean
}

export const defaultBoardSettings: BoardSettings = {
  axis: 'step',
  smoothing: 0,
  grouped: true,
  centre: 'mean',
  band: 'range',
  members: true,
  ignoreOutliers: false,
  logY: false
}

/** Beyond this many members only the group's line is drawn. */
const memberLimit = 50

function nonFiniteOf(data: SeriesData, axis: XAxis): ChartLine['nonFinite'] {
  if (data.nonFiniteSteps.length === 0) return undefined
  const seconds = data.nonFiniteSteps.map(step => {
    const at = data.steps.findIndex(other => other >= step)
    return data.seconds[at < 0 ? data.seconds.length - 1 : at] ?? 0
  })
  return { x: axis === 'step' ? data.nonFiniteSteps : seconds, values: data.nonFiniteValues }
}

function runLines(data: SeriesData, run: RunStyle, settings: BoardSettings): ChartLine[] {
  const nonFinite = nonFiniteOf(data, settings.axis)
  const line: ChartLine = {
    id: run.runId,
    name: run.name,
    colour: run.colour,
    ...lineOf(data, settings.axis, settings.smoothing),
    ...(nonFinite ? { nonFinite } : {})
  }
  const spread = data.raw || settings.smoothing > 0 ? {} : { band: { low: data.minimum, high: data.maximum } }
  if (settings.smoothing === 0) return [{ ...line, ...spread }]
  return [
    {
      id: `${run.runId}/raw`,
      name: run.name,
      colour: run.colour,
      x: xOf(data, settings.axis),
      y: data.values,
      opacity: 0.3,
      width: 1,
      quiet: true
    },
    line
  ]
}

function groupLines(
  series: ReadonlyMap<string, SeriesData>,
  members: readonly RunStyle[],
  settings: BoardSettings
): ChartLine[] {
  const [first] = members
  const loaded = members.flatMap(run => series.get(run.runId) ?? [])
  if (!first || loaded.length === 0) return []
  const line = groupLine(
    loaded.map(data => lineOf(data, settings.axis, settings.smoothing)),
    { id: first.groupKey, name: first.groupName, colour: first.colour },
    settings.centre,
    settings.band
  )
  const faint =
    settings.members && loaded.length > 1 && loaded.length <= memberLimit
      ? loaded.map(data => ({
          id: `${data.runId}/member`,
          name: first.groupName,
          colour: first.colour,
          x: xOf(data, settings.axis),
          y: data.values,
          opacity: 0.25,
          width: 1,
          quiet: true
        }))
      : []
  const broken = loaded.flatMap(data => nonFiniteOf(data, settings.axis) ?? [])
  const marks = broken.length
    ? {
        nonFinite: {
          x: Float64Array.from(broken.flatMap(part => [...part.x])),
          values: Float64Array.from(broken.flatMap(part => [...part.values]))
        }
      }
    : {}
  return [...faint, { ...line, ...marks }]
}

/**
 * The chart of one metric over several runs: each run a line, or each group one line with a band over faint members.
 * Smoothed lines stand over their raw values.
 */
export function metricSpec(
  series: ReadonlyMap<string, SeriesData>,
  runs: readonly RunStyle[],
  settings: BoardSettings,
  references: readonly ReferenceLine[] = [],
  xRange: readonly [number, number] | null = null
): ChartSpec {
  const groups = Map.groupBy(runs, run => run.groupKey)
  const lines = settings.grouped
    ? [...groups.values()].flatMap(members => groupLines(series, members, settings))
    : runs.flatMap(run => {
        const data = series.get(run.runId)
        return data ? runLines(data, run, settings) : []
      })
  const seams =
    settings.axis === 'step' && runs.length === 1
      ? [...series.values()].flatMap(data => data.seams.map(x => ({ x, label: 'resumed' })))
      : []
  return {
    lines,
    references,
    seams,
    xName: settings.axis === 'step' ? 'step' : 'time',
    logY: settings.logY,
    ignoreOutliers: settings.ignoreOutliers,
    ...(xRange ? { xRange } : {})
  }
}

/** A chart of training rows with the same metric on held-out rows as dashed lines of the same colours. */
export function withHeldOut(training: ChartSpec, heldOut: ChartSpec): ChartSpec {
  const dashed = heldOut.lines
    .filter(line => !line.quiet)
    .map(line => ({
      ...line,
      id: `${line.id}/heldOut`,
      name: `${line.name}, held out`,
      dash: 'dashed' as const,
      width: 1.2
    }))
  return { ...training, lines: [...training.lines, ...dashed] }
}
