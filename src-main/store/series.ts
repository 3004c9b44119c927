import { findKeyId, newestSequence, readPoints, type StoredPoints } from './metrics.ts'
import { concat } from './seal.ts'
import { listSegments, visibleSeams, type Segment } from './segmentRows.ts'
import { smooth } from './smoothing.ts'
import type { ReadableDb } from './sql.ts'

export interface SeriesQuery {
  readonly maxPoints: number
  /** Inclusive; null is open. */
  readonly fromStep: number | null
  readonly toStep: number | null
  /** In [0, 1); 0 is none. */
  readonly smoothing: number
}

/** A curve of a query; arrays of equal length n, non-finite points apart. */
export interface SeriesResult {
  readonly steps: Float64Array
  readonly seconds: Float64Array
  readonly values: Float64Array
  readonly minimum: Float64Array
  readonly maximum: Float64Array
  /** True when every finite point is there; false when they are gathered in buckets. */
  readonly raw: boolean
  /** Points in range, non-finite ones included. */
  readonly total: number
  readonly nonFiniteSteps: Float64Array
  readonly nonFiniteValues: Float64Array
  readonly seams: readonly number[]
  readonly cursor: number
}

/** Points in step order. */
interface Line {
  readonly steps: Float64Array
  readonly seconds: Float64Array
  readonly values: Float64Array
}

/**
 * A curve from its chunks and tail, smoothed at full resolution, then cut to the range, then gathered into buckets where it has
 * more points than asked for. The same store and query give the same bytes.
 * @throws UserError('store-corrupt') when a chunk does not match its checksum
 */
export function querySeries(db: ReadableDb, runId: string, key: string, query: SeriesQuery): SeriesResult {
  const segments = listSegments(db, runId)
  const keyId = findKeyId(db, key)
  const line = visibleLine(keyId === undefined ? [] : readPoints(db, runId, keyId), segments)
  const smoothed = query.smoothing > 0 ? { ...line, values: smooth(line.values, query.smoothing) } : line
  const inRange = cutRange(smoothed, query.fromStep ?? -Infinity, query.toStep ?? Infinity)
  const { finite, nonFinite } = splitFinite(inRange)
  const raw = finite.values.length <= query.maxPoints
  return {
    ...(raw
      ? { ...finite, minimum: finite.values, maximum: finite.values }
      : bucketed(finite, query.maxPoints)),
    raw,
    total: inRange.values.length,
    nonFiniteSteps: nonFinite.steps,
    nonFiniteValues: nonFinite.values,
    seams: visibleSeams(segments),
    cursor: newestSequence(db)
  }
}

/** All visible points by step; points of equal step stay in the order they were written. */
function visibleLine(parts: readonly StoredPoints[], segments: readonly Segment[]): Line {
  const visibleTo = new Map(segments.map(segment => [segment.segment, segment.visibleTo]))
  const visible = parts.map(part =>
    keepWhere(part, i => part.steps[i] <= (visibleTo.get(part.segment) ?? Infinity))
  )
  const line = {
    steps: concat(visible.map(part => part.steps)),
    seconds: concat(visible.map(part => part.seconds)),
    values: concat(visible.map(part => part.values))
  }
  return isSorted(line.steps) ? line : sortedByStep(line)
}

function isSorted(steps: Float64Array): boolean {
  for (let i = 1; i < steps.length; i++) if (steps[i] < steps[i - 1]) return false
  return true
}

function sortedByStep(line: Line): Line {
  const order = Uint32Array.from(line.steps.keys()).sort((a, b) => line.steps[a] - line.steps[b] || a - b)
  const pick = (numbers: Float64Array) => Float64Array.from(order, index => numbers[index])
  return { steps: pick(line.steps), seconds: pick(line.seconds), values: pick(line.values) }
}

function keepWhere(line: Line, keep: (index: number) => boolean): Line {
  let count = 0
  for (let i = 0; i < line.steps.length; i++) if (keep(i)) count++
  if (count === line.steps.length) return line
  const kept = {
    steps: new Float64Array(count),
    seconds: new Float64Array(count),
    values: new Float64Array(count)
  }
  for (let i = 0, at = 0; i < line.steps.length; i++) {
    if (!keep(i)) continue
    kept.steps[at] = line.steps[i]
    kept.seconds[at] = line.seconds[i]
    kept.values[at++] = line.values[i]
  }
  return kept
}

const cutRange = (line: Line, from: number, to: number): Line =>
  keepWhere(line, i => line.steps[i] >= from && line.steps[i] <= to)

function splitFinite(line: Line): { finite: Line; nonFinite: Line } {
  return {
    finite: keepWhere(line, i => Number.isFinite(line.values[i])),
    nonFinite: keepWhere(line, i => !Number.isFinite(line.values[i]))
  }
}

/**
 * Width of the buckets: the smallest power of two with at most `maxPoints` buckets over the range. Edges are multiples of the
 * width, so they do not move when points are added; when the curve outgrows them, neighbours join.
 */
export function bucketWidth(first: number, last: number, maxPoints: number): number {
  let width = 2 ** Math.floor(Math.log2((last - first || 1) / maxPoints))
  while (Math.floor(last / width) - Math.floor(first / width) + 1 > maxPoints) width *= 2
  return width
}

/** Means, minima and maxima of the buckets that hold points; a bucket stands at the middle of the whole steps in it. */
function bucketed(line: Line, maxPoints: number): Line & { minimum: Float64Array; maximum: Float64Array } {
  const width = bucketWidth(line.steps[0], line.steps[line.steps.length - 1], maxPoints)
  const columns = Array.from({ length: 5 }, () => new Float64Array(maxPoints))
  const [steps, seconds, values, minimum, maximum] = columns
  let count = 0
  for (let start = 0; start < line.steps.length; count++) {
    const bucket = Math.floor(line.steps[start] / width)
    let end = start
    let sum = 0
    let time = 0
    minimum[count] = Infinity
    maximum[count] = -Infinity
    for (; end < line.steps.length && Math.floor(line.steps[end] / width) === bucket; end++) {
      const value = line.values[end]
      sum += value
      time += line.seconds[end]
      if (value < minimum[count]) minimum[count] = value
      if (value > maximum[count]) maximum[count] = value
    }
    steps[count] = bucket * width + Math.max(0, width - 1) / 2
    seconds[count] = time / (end - start)
    values[count] = sum / (end - start)
    start = end
  }
  const [s, t, v, low, high] = columns.map(column => column.slice(0, count))
  return { steps: s, seconds: t, values: v, minimum: low, maximum: high }
}
