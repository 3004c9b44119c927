import { UserError } from '../base/errors.ts'
import type { TrainingView } from './algorithm.ts'

/**
 * Rows whose next value is defined: terminal ones, and those whose next observation the data holds.
 * @throws UserError 'incompatible-data' when no row is left
 */
export function bootstrappableRows(view: TrainingView): Int32Array {
  const { nonTerminal, hasNextObservation } = view.columns
  const rows = rowsWhere(view, row => nonTerminal.data[row] === 0 || hasNextObservation.data[row] === 1)
  if (rows.length > 0) return rows
  throw new UserError(
    'incompatible-data',
    `none of the ${view.rowCount} transitions has a next observation; behaviour cloning is what such data allows`
  )
}

/** Rows of the chosen episodes, in the view's order. */
export function rowsOfEpisodes(view: TrainingView, chosen: ReadonlySet<number>): Int32Array {
  const keep = new Uint8Array(view.rowCount)
  view.episodes.forEach(({ firstRow, length }, index) => {
    if (chosen.has(index)) keep.fill(1, firstRow, firstRow + length)
  })
  return rowsWhere(view, row => keep[row] === 1)
}

function rowsWhere(view: TrainingView, condition: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(view.rowCount)
  let count = 0
  for (let row = 0; row < view.rowCount; row++) if (condition(row)) rows[count++] = row
  return rows.slice(0, count)
}
