/** What a cell sorts and filters by. */
export type CellValue = string | number | boolean | null

/** One column of a DataGrid. The cell shows slot `cell-KEY`, else `format`, else the value. */
export interface GridColumn<Row> {
  readonly key: string
  readonly title: string
  /** Pixels; a column with `grow` takes its share of what is left. */
  readonly width: number
  readonly grow?: number
  readonly align?: 'left' | 'right'
  readonly value: (row: Row) => CellValue
  readonly format?: (row: Row) => string
  /** Shown when the pointer rests on the head. */
  readonly help?: string
  readonly sortable?: boolean
}

export interface GridSort {
  readonly key: string
  readonly descending: boolean
}

const isMissing = (value: CellValue): boolean =>
  value === null || (typeof value === 'number' && Number.isNaN(value))

function compareValues(a: CellValue, b: CellValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: 'base' })
}

/** Rows in the order of a column, missing values and NaN last either way; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly GridColumn<Row>[],
  sort: GridSort | null
): readonly Row[] {
  const column = columns.find(candidate => candidate.key === sort?.key)
  if (!column || !sort) return rows
  const sign = sort.descending ? -1 : 1
  return rows
    .map(row => ({ row, value: column.value(row) }))
    .sort((a, b) => {
      if (isMissing(a.value) || isMissing(b.value))
        return Number(isMissing(a.value)) - Number(isMissing(b.value))
      return sign * compareValues(a.value, b.value)
    })
    .map(entry => entry.row)
}

/** Rows that hold every word of the filter in some column; `-word` must not occur. */
export function filterRows<Row>(
  rows: readonly Row[],
  columns: readonly GridColumn<Row>[],
  filter: string
): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter(row => {
    const text = columns
      .map(column => column.format?.(row) ?? String(column.value(row) ?? ''))
      .join('\n')
      .toLowerCase()
    return words.every(word =>
      word.startsWith('-') && word.length > 1 ? !text.includes(word.slice(1)) : text.includes(word)
    )
  })
}

/** The sort after a click on a column's head: up, down, then as given. */
export function nextSort(sort: GridSort | null, key: string): GridSort | null {
  if (sort?.key !== key) return { key, descending: false }
  return sort.descending ? null : { key, descending: true }
}

/** The row index that a key moves to, or null where the key does not move. */
export function moveActive(key: string, active: number, count: number, page: number): number | null {
  const target = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1
  }[key]
  return target === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, target))
}

/** The selection after a row was toggled, or with `from` a range selected. */
export function changeSelection(
  selected: ReadonlySet<string>,
  keys: readonly string[],
  index: number,
  from: number | null
): ReadonlySet<string> {
  const next = new Set(selected)
  const key = keys[index]
  if (key === undefined) return next
  if (from === null) {
    if (!next.delete(key)) next.add(key)
    return next
  }
  for (const each of keys.slice(Math.min(from, index), Math.max(from, index) + 1)) next.add(each)
  return next
}
