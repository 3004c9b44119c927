import type { Point, Series } from '../../src-preload/contract/metrics.ts'
import { decodeColumn, fromScalar } from '../../src-preload/contract/values.ts'
import { smooth } from './smoothing.ts'
import type { XAxis } from './types.ts'

/** A line smoothed by the host over all its points before they were binned. */
export interface SmoothedLine {
  readonly weight: number
  readonly steps: Float64Array
  readonly seconds: Float64Array
  readonly values: Float64Array
}

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
  /** Of a binned series, once it has been asked for. */
  readonly smoothed?: SmoothedLine
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
  const steps = finite.map(point => point.step)
  const seconds = finite.map(point => point.seconds)
  return {
    ...data,
    ...(data.smoothed ? { smoothed: extendSmoothed(data.smoothed, steps, seconds, values) } : {}),
    steps: append(data.steps, steps),
    seconds: append(data.seconds, seconds),
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

/** Live points go on from the last smoothed value: after the many points before it, the bias of the mean is gone. */
function extendSmoothed(
  line: SmoothedLine,
  steps: readonly number[],
  seconds: readonly number[],
  values: readonly number[]
): SmoothedLine {
  let last = line.values[line.values.length - 1]
  const added = values.map(value => {
    last = last === undefined ? value : line.weight * last + (1 - line.weight) * value
    return last
  })
  return {
    weight: line.weight,
    steps: append(line.steps, steps),
    seconds: append(line.seconds, seconds),
    values: append(line.values, added)
  }
}

/** A series with its smoothed line, as the host answered it. */
export function withSmoothed(data: SeriesData, weight: number, answer: Series): SeriesData {
  const { steps, seconds, values } = seriesData(answer)
  return { ...data, smoothed: { weight, steps, seconds, values } }
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

/**
 * The line of a series: as it is, or smoothed at full resolution. A binned one shows its smoothed bins until the host has
 * smoothed its points.
 */
export function lineOf(
  data: SeriesData,
  axis: XAxis,
  smoothing: number
): { readonly x: Float64Array; readonly y: Float64Array } {
  const { smoothed } = data
  if (smoothing > 0 && !data.raw && smoothed?.weight === smoothing)
    return { x: axis === 'step' ? smoothed.steps : smoothed.seconds, y: smoothed.values }
  return { x: xOf(data, axis), y: smooth(data.values, smoothing) }
}
