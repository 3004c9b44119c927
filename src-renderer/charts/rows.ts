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

/** The point of a line nearest to `x`: one that is not finite where it is nearer than any finite one; null for an empty line. */
function pointAt(
  { x, y, nonFinite }: ChartLine,
  at: number
): { readonly index: number; readonly y: number } | null {
  const index = nearestIndex(x, at)
  let least = index < 0 ? Infinity : Math.abs((x[index] ?? Infinity) - at)
  let found = index < 0 ? null : { index, y: y[index] ?? NaN }
  nonFinite?.x.forEach((place, i) => {
    const far = Math.abs(place - at)
    if (far >= least) return
    least = far
    found = { index: -1, y: nonFinite.values[i] ?? NaN }
  })
  return found
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
    const point = pointAt(line, x)
    if (point === null) continue
    rows.push({
      id: line.id,
      name: line.name,
      colour: line.colour,
      dash: line.dash,
      y: point.y,
      low: line.band?.low[point.index] ?? null,
      high: line.band?.high[point.index] ?? null
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
  const xs = Float64Array.from(
    new Set(shown.flatMap(line => [...line.x, ...(line.nonFinite?.x ?? [])]))
  ).sort()
  const stride = Math.max(1, Math.ceil(xs.length / limit))
  return [...xs]
    .filter((_, i) => i % stride === 0 || i === xs.length - 1)
    .map(x => ({ x, values: shown.map(line => pointAt(line, x)?.y ?? NaN) }))
}
