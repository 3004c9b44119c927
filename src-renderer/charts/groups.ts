import type { ChartLine } from './types.ts'

export type Centre = 'mean' | 'median' | 'interquartileMean'
export type Band = 'range' | 'deviation' | 'interval' | 'none'

export interface Member {
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Common grid of members: every x at which any member has a point, thinned to at most `limit`, inside their shared range. */
export function commonGrid(members: readonly Member[], limit = 500): Float64Array {
  const filled = members.filter(member => member.x.length > 0)
  if (filled.length === 0) return new Float64Array()
  const low = Math.min(...filled.map(member => member.x[0] ?? Infinity))
  const high = Math.max(...filled.map(member => member.x[member.x.length - 1] ?? -Infinity))
  const all = Float64Array.from(new Set(filled.flatMap(member => [...member.x]))).sort()
  if (all.length <= limit) return all
  return Float64Array.from({ length: limit }, (_, i) => low + ((high - low) * i) / (limit - 1))
}

/** Linear interpolation at `at`; NaN outside the member's own range, so a short run never invents a tail. */
export function interpolate(member: Member, at: number): number {
  const { x, y } = member
  const last = x.length - 1
  if (last < 0 || at < (x[0] ?? 0) || at > (x[last] ?? 0)) return NaN
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((x[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  if (at === x[low]) return y[low] ?? NaN
  if (at === x[high]) return y[high] ?? NaN
  const share = (at - (x[low] ?? 0)) / ((x[high] ?? 0) - (x[low] ?? 0))
  return (y[low] ?? NaN) * (1 - share) + (y[high] ?? NaN) * share
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Centre of sorted values. */
export function centreOf(sorted: readonly number[], centre: Centre): number {
  const n = sorted.length
  if (n === 0) return NaN
  if (centre === 'mean') return mean(sorted)
  if (centre === 'median') return ((sorted[(n - 1) >> 1] ?? NaN) + (sorted[n >> 1] ?? NaN)) / 2
  const cut = Math.floor(n / 4)
  return mean(sorted.slice(cut, n - cut))
}

/** 97.5 % quantile of Student's t by degrees of freedom 1 to 30, then the normal's. */
const t975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042
]

function bandOf(sorted: readonly number[], band: Band): [number, number] {
  const n = sorted.length
  if (n === 0) return [NaN, NaN]
  if (band === 'range') return [sorted[0] ?? NaN, sorted[n - 1] ?? NaN]
  const middle = mean(sorted)
  if (n === 1) return [middle, middle]
  const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (n - 1))
  const half = band === 'deviation' ? deviation : ((t975[n - 2] ?? 1.96) * deviation) / Math.sqrt(n)
  return [middle - half, middle + half]
}

/**
 * Members that differ only in seed as one line with a band.
 * Each grid point uses the members that reach it; points reached by fewer than two members have no band width.
 */
export function groupLine(
  members: readonly Member[],
  style: Pick<ChartLine, 'id' | 'name' | 'colour'>,
  centre: Centre,
  band: Band
): ChartLine {
  const x = commonGrid(members)
  const y = new Float64Array(x.length)
  const low = new Float64Array(x.length)
  const high = new Float64Array(x.length)
  x.forEach((at, i) => {
    const values = members
      .map(member => interpolate(member, at))
      .filter(Number.isFinite)
      .sort((a, b) => a - b)
    y[i] = centreOf(values, centre)
    ;[low[i], high[i]] = bandOf(values, band)
  })
  return { ...style, x, y, width: 2, ...(band === 'none' ? {} : { band: { low, high } }) }
}
