import type { Point, Series } from '../../src-preload/contract/metrics.ts'
import { decodeColumn, fromScalar } from '../../src-preload/contract/values.ts'
import { smooth } from './smoothing.ts'
import type { XAxis } from './types.ts'

/** One metric of one run in memory: whole while it is small, binned by the store beyond that. */
export interface SeriesData {
  readonly runId: string
  readonly key: string
  readonly steps: Float64Array
  readonly seconds: Float64Array
  readonly values: Float64Array
  readonly minimum: Float64Array
  readonly maximum: Float64Array
  readonly raw: boolean
  readonly nonFiniteSteps: Float64Array
  readonly nonFiniteValues: Float64Array
  readonly seams: readonly number[]
}

/** Decodes a series of the contract. */
export function seriesData(series: Series): SeriesData {
  const floats = (column: Series['steps']): Float64Array => Float64Array.from(decodeColumn(column))
  return {
    runId: series.runId,
    key: series.key,
    steps: floats(series.steps),
    seconds: floats(series.seconds),
    values: floats(series.values),
    minimum: floats(series.minimum),
    maximum: floats(series.maximum),
    raw: series.raw,
    nonFiniteSteps: floats(series.nonFiniteSteps),
    nonFiniteValues: floats(series.nonFiniteValues),
    seams: series.seams
  }
}

function append(array: Float64Array, added: readonly number[]): Float64Array {
  const out = new Float64Array(array.length + added.length)
  out.set(array)
  out.set(added, array.length)
  return out
}

/**
 * A series with live points at its end. Points at or before its last step are already in it and are left out, so a
 * replayed batch after a reconnection changes nothing.
 */
export function extend(data: SeriesData, points: readonly Point[]): SeriesData {
  const last = Math.max(
    data.steps[data.steps.length - 1] ?? -1,
    data.nonFiniteSteps[data.nonFiniteSteps.length - 1] ?? -1
  )
  const fresh = points.filter(point => point.step > last)
  if (fresh.length === 0) return data
  const finite = fresh.filter(point => typeof point.value === 'number')
  const broken = fresh.filter(point => typeof point.value !== 'number')
  const values = finite.map(point => fromScalar(point.value))
  return {
    ...data,
    steps: append(
      data.steps,
      finite.map(point => point.step)
    ),
    seconds: append(
      data.seconds,
      finite.map(point => point.seconds)
    ),
    values: append(data.values, values),
    minimum: append(data.minimum, values),
    maximum: append(data.maximum, values),
    nonFiniteSteps: append(
      data.nonFiniteSteps,
      broken.map(point => point.step)
    ),
    nonFiniteValues: append(
      data.nonFiniteValues,
      broken.map(point => fromScalar(point.value))
    )
  }
}

/** An empty series, for a key that appears while a run is followed. */
export const emptySeries = (runId: string, key: string): SeriesData => {
  const none = new Float64Array()
  return {
    runId,
    key,
    steps: none,
    seconds: none,
    values: none,
    minimum: none,
    maximum: none,
    raw: true,
    nonFiniteSteps: none,
    nonFiniteValues: none,
    seams: []
  }
}

/** The x values of a series on an axis. */
export const xOf = (data: SeriesData, axis: XAxis): Float64Array =>
  axis === 'step' ? data.steps : data.seconds

/** The y values, smoothed by the given weight. */
export const yOf = (data: SeriesData, smoothing: number): Float64Array => smooth(data.values, smoothing)
