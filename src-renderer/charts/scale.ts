import type { ChartLine, ChartSpec } from './types.ts'

export interface Extent {
  readonly low: number
  readonly high: number
  /** Points left outside on purpose. */
  readonly outside: number
}

/** The y values that decide an axis: of lines and their bands, finite only (and positive on a logarithmic axis). */
function valuesOf(lines: readonly ChartLine[], logY: boolean): Float64Array {
  const values: number[] = []
  for (const line of lines) {
    for (const array of [line.y, line.band?.low, line.band?.high]) {
      if (!array) continue
      for (const value of array) if (Number.isFinite(value) && (!logY || value > 0)) values.push(value)
    }
  }
  return Float64Array.from(values).sort()
}

/**
 * Range of the y axis: all points, or the 5-95 % quantiles widened by half their distance when outliers are ignored;
 * reference lines are always inside.
 * @returns null when there is nothing to show
 */
export function yExtent(spec: ChartSpec): Extent | null {
  const values = valuesOf(spec.lines, spec.logY ?? false)
  const references = (spec.references ?? []).map(reference => reference.value).filter(Number.isFinite)
  if (values.length === 0 && references.length === 0) return null
  const all = values.length === 0 ? Float64Array.from(references).sort() : values
  let low = all[0] ?? 0
  let high = all[all.length - 1] ?? 0
  if (spec.ignoreOutliers && values.length >= 20) {
    const q05 = values[Math.floor(0.05 * (values.length - 1))] ?? low
    const q95 = values[Math.ceil(0.95 * (values.length - 1))] ?? high
    const margin = (q95 - q05) / 2
    low = Math.max(low, q05 - margin)
    high = Math.min(high, q95 + margin)
  }
  const outside = values.reduce((count, value) => count + (value < low || value > high ? 1 : 0), 0)
  return { low: Math.min(low, ...references), high: Math.max(high, ...references), outside }
}

/** Index of the point of sorted `x` nearest to `at`; -1 when there are none. */
export function nearestIndex(x: Float64Array, at: number): number {
  if (x.length === 0) return -1
  let low = 0
  let high = x.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((x[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low > 0 && at - (x[low - 1] ?? 0) <= (x[low] ?? 0) - at ? low - 1 : low
}
