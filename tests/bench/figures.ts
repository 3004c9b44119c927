/** One row of `--json`: the fields of the first block are all there, in this order. */
export interface Figure {
  readonly engine: string
  readonly device: string
  readonly precision: string
  readonly algorithm: string
  readonly hidden: readonly number[]
  readonly batchSize: number
  /** Runs side by side; stepsPerSecond is their total. */
  readonly runs: number
  /** Threads of each run. */
  readonly threads: number
  readonly stepsPerSecond: number

  /** Steps per second of processor time, of one run. */
  readonly stepsPerCpuSecond: number
}

/** What a section found, for the screen and for the documentation alike. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** What was skipped and why, and what the figures mean. */
  readonly notes: readonly string[]
}

/** Median; NaN of nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** To four significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(4))

/** `1.46 x`, or a dash where there is nothing to compare with. */
export const ratio = (value: number | undefined, base: number | undefined): string =>
  value === undefined || base === undefined || !(base > 0) ? '-' : `${(value / base).toFixed(2)} x`

/** `2x256` for equal layers, else `256-128`. */
export function hiddenName(hidden: readonly number[]): string {
  return hidden.every(size => size === hidden[0]) ? `${hidden.length}x${hidden[0]}` : hidden.join('-')
}

/** `1 run, 2 threads`. */
export const teamName = ({ runs, threads }: { runs: number; threads: number }): string =>
  `${runs} run${runs > 1 ? 's' : ''}, ${threads} thread${threads > 1 ? 's' : ''}${runs > 1 ? ' each' : ''}`

/** A table as aligned text. */
export function toText({ title, columns, rows, notes }: Table): string {
  const cells = [columns, ...rows].map(row => row.map(String))
  const widths = columns.map((_, i) => Math.max(...cells.map(row => row[i].length)))
  const lines = cells.map(row =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd()
  )
  return [title, ...(rows.length > 0 ? lines : []), ...notes].join('\n')
}

/** A table as Markdown under a heading of the third level. */
export function toMarkdown({ title, columns, rows, notes }: Table): string {
  const line = (row: readonly (string | number)[]): string => `| ${row.join(' | ')} |`
  const table =
    rows.length > 0 ? [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line), ''] : []
  return [`### ${title}`, '', ...table, ...notes.map(note => `${note}\n`)].join('\n')
}

const begin = '<!-- measured: written by `npm run bench -- --write FILE` -->'
const end = '<!-- /measured -->'

/**
 * A document with the tables of these titles replaced in the measured part, or added at its end; the others stay.
 * @throws Error when the document has no place for it
 */
export function replaceTables(document: string, tables: readonly Table[]): string {
  const parts = new Map(
    measuredPart(document)
      .split(/^(?=### )/m)
      .filter(part => part.trim() !== '')
      .map(part => [part.split('\n', 1)[0], part.trim()])
  )
  for (const table of tables) parts.set(`### ${table.title}`, toMarkdown(table).trim())
  return replaceMeasured(document, [...parts.values()].join('\n\n'))
}

function measuredPart(document: string): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the document has no lines "${begin}" and "${end}"`)
  return document.slice(from + begin.length, to)
}

/**
 * A document with the measured part replaced.
 * @throws Error when the document has no place for it
 */
export function replaceMeasured(document: string, measured: string): string {
  const former = measuredPart(document)
  const from = document.indexOf(begin) + begin.length
  return `${document.slice(0, from)}\n\n${measured.trim()}\n\n${document.slice(from + former.length)}`
}
