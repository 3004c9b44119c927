import type { Histogram } from '../../src-preload/contract/datasets.ts'

/** A bound of a bin: three digits are enough to read an axis. */
const short = (value: number): string => String(Number(value.toPrecision(3))).replaceAll('-', '−')

/** The interval of a bin as text. */
export function binText({ low, high, counts }: Histogram, index: number): string {
  const width = (high - low) / Math.max(1, counts.length)
  return `${short(low + index * width)} to ${short(low + (index + 1) * width)}`
}

/** Heights of the bars, 0 to 1; a bin that holds anything is at least `least` high, so that rare values stay visible. */
export function barHeights(counts: readonly number[], least = 0.02): readonly number[] {
  const most = Math.max(1, ...counts)
  return counts.map(count => (count === 0 ? 0 : Math.max(least, count / most)))
}

/** What the bars show in one sentence, for those who do not see them. */
export function histogramSummary(label: string, histogram: Histogram): string {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return `${label}: nothing finite`
  const peak = histogram.counts.indexOf(Math.max(...histogram.counts))
  return `${label}: ${short(histogram.low)} to ${short(histogram.high)}, most in ${binText(histogram, peak)}`
}
