import type { Comparison, Statistic } from '../../../src-preload/contract/compare.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { formatNumber } from '../../charts/format.ts'

/** `mean ± sd` with n at least 2, else the value alone; a spread of one seed does not exist. */
export function meanCell(statistic: Statistic | null): string {
  if (!statistic || statistic.n === 0) return '–'
  const mean = formatNumber(fromScalar(statistic.mean))
  return statistic.n < 2 ? mean : `${mean} ± ${formatNumber(fromScalar(statistic.standardDeviation))}`
}

/** One number of a statistic; a dash where no seed has a value, which is not the same as a seed with NaN. */
export const numberCell = (statistic: Statistic, which: 'mean' | 'median' | 'interquartileMean'): string =>
  statistic.n === 0 ? '–' : formatNumber(fromScalar(statistic[which]))

/** The bootstrap interval of the mean as `[low, high]`; one seed says that it has none. */
export const intervalCell = (statistic: Statistic | null): string =>
  !statistic || statistic.n < 2
    ? statistic?.n === 1
      ? 'none: one seed'
      : '–'
    : `[${formatNumber(fromScalar(statistic.low))}, ${formatNumber(fromScalar(statistic.high))}]`

const quote = (text: string): string =>
  /^[=+\-@\t\r]/.test(text) ? `"'${text.replaceAll('"', '""')}"` : `"${text.replaceAll('"', '""')}"`

/** The final table as CSV; text that a spreadsheet would run as a formula is defused. */
export function comparisonCsv(comparison: Comparison): string {
  const head = [
    'group',
    'algorithm',
    'n',
    'final return mean',
    'sd',
    'median',
    'iqm',
    'low 95',
    'high 95',
    'best return mean',
    'final length mean',
    'steps per second'
  ]
  const rows = comparison.groups.map(group => {
    const numbers = [
      group.finalReturn.n,
      group.finalReturn.mean,
      group.finalReturn.standardDeviation,
      group.finalReturn.median,
      group.finalReturn.interquartileMean,
      group.finalReturn.low,
      group.finalReturn.high,
      group.bestReturn.mean,
      group.finalLength.mean,
      group.stepsPerSecond.mean
    ]
    return [quote(group.name), quote(group.algorithm), ...numbers].join(',')
  })
  return [head.join(','), ...rows].join('\n') + '\n'
}
