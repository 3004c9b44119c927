import type { Histogram } from '../../../src-preload/contract/datasets.ts'

/** Values from `low` to `high`, both within; null for all. */
export type Range = { readonly low: number; readonly high: number } | null

/** What is brushed on a dataset's histograms. */
export interface EpisodeRanges {
  readonly returns: Range
  readonly lengths: Range
}

/** Reads a range of an address, such as `-5.5~20`; anything else is no range. */
export function parseRange(text: string): Range {
  const [low, high, ...rest] = text.split('~').map(part => (part.trim() === '' ? NaN : Number(part)))
  if (low === undefined || high === undefined || rest.length > 0) return null
  return Number.isFinite(low) && Number.isFinite(high) && low <= high ? { low, high } : null
}

/** A range as an address holds it; empty for none. */
export const rangeText = (range: Range): string => (range === null ? '' : `${range.low}~${range.high}`)

/** Bounds of a request for episodes. */
export const boundsOf = ({ returns, lengths }: EpisodeRanges) => ({
  minimumReturn: returns?.low ?? null,
  maximumReturn: returns?.high ?? null,
  minimumLength: lengths?.low ?? null,
  maximumLength: lengths?.high ?? null
})

const edge = ({ low, high, counts }: Histogram, bin: number): number =>
  bin === counts.length ? high : low + ((high - low) * bin) / counts.length

/**
 * The range that a drag over whole bins covers.
 * @param from where it began and `to` where it ends, as shares of the width
 */
export function brushed(histogram: Histogram, from: number, to: number): Range {
  const bins = histogram.counts.length
  if (bins === 0) return null
  const binAt = (share: number) => Math.max(0, Math.min(bins - 1, Math.floor(share * bins)))
  const [first, last] = [binAt(Math.min(from, to)), binAt(Math.max(from, to))]
  return { low: edge(histogram, first), high: edge(histogram, last + 1) }
}

/** Where a range lies over a histogram, as shares of its width; null where it lies outside. */
export function shareOf(histogram: Histogram, range: Range): { left: number; width: number } | null {
  const size = histogram.high - histogram.low
  if (range === null || size <= 0) return null
  const share = (value: number) => Math.max(0, Math.min(1, (value - histogram.low) / size))
  const left = share(range.low)
  const width = share(range.high) - left
  return range.high < histogram.low || range.low > histogram.high ? null : { left, width }
}

/** One end of a range changed by hand; an end that was not set is the histogram's. */
export function withEnd(histogram: Histogram, range: Range, end: 'low' | 'high', text: string): Range {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) return range
  const low = end === 'low' ? value : (range?.low ?? histogram.low)
  const high = end === 'high' ? value : (range?.high ?? histogram.high)
  if (low <= high) return { low, high }
  return { low: value, high: value }
}

const short = (value: number): string => String(Number(value.toPrecision(6)))

/** What is selected, in words: `return 10 to 20, length 5 to 8`; empty for everything. */
export function rangesText({ returns, lengths }: EpisodeRanges): string {
  const part = (what: string, range: Range) =>
    range === null ? [] : [`${what} ${short(range.low)} to ${short(range.high)}`]
  return [...part('return', returns), ...part('length', lengths)].join(', ')
}
