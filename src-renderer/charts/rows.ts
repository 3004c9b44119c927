import { nearestIndex } from './scale.ts'
import type { ChartLine } from './types.ts'

export interface TooltipRow {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly dash: ChartLine['dash']
  readonly y: number
  readonly low: number | null
  readonly high: number | null
}

/** Values of the lines at the cursor, largest first, at most `limit`; how many more there are. */
export function tooltipRows(
  lines: readonly ChartLine[],
  x: number,
  limit: number
): { readonly rows: readonly TooltipRow[]; readonly more: number } {
  const rows: TooltipRow[] = []
  for (const line of lines) {
    if (line.quiet) continue
    const index = nearestIndex(line.x, x)
    if (index < 0) continue
    rows.push({
      id: line.id,
      name: line.name,
      colour: line.colour,
      dash: line.dash,
      y: line.y[index] ?? NaN,
      low: line.band?.low[index] ?? null,
      high: line.band?.high[index] ?? null
    })
  }
  rows.sort((a, b) =>
    (Number.isFinite(a.y) ? a.y : Infinity) < (Number.isFinite(b.y) ? b.y : Infinity) ? 1 : -1
  )
  return { rows: rows.slice(0, limit), more: Math.max(0, rows.length - limit) }
}

/** The chart as a table: one row an x of any line, one column a line; thinned to `limit` rows. */
export function tableOf(
  lines: readonly ChartLine[],
  limit = 200
): { readonly x: number; readonly values: readonly number[] }[] {
  const shown = lines.filter(line => !line.quiet)
  const xs = Float64Array.from(new Set(shown.flatMap(line => [...line.x]))).sort()
  const stride = Math.max(1, Math.ceil(xs.length / limit))
  return [...xs]
    .filter((_, i) => i % stride === 0 || i === xs.length - 1)
    .map(x => ({ x, values: shown.map(line => line.y[nearestIndex(line.x, x)] ?? NaN) }))
}
