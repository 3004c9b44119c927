import { expect, test } from 'vitest'
import {
  changeSelection,
  filterRows,
  moveActive,
  nextSort,
  sortRows,
  type GridColumn
} from '../../../src-renderer/ui/gridRows.ts'

interface Row {
  readonly name: string
  readonly score: number | null
}
const columns: readonly GridColumn<Row>[] = [
  { key: 'name', title: 'Name', width: 100, value: row => row.name },
  {
    key: 'score',
    title: 'Score',
    width: 80,
    value: row => row.score,
    format: row => (row.score === null ? 'none' : `${row.score} points`)
  }
]
const rows: readonly Row[] = [
  { name: 'seed 10', score: 3 },
  { name: 'seed 2', score: NaN },
  { name: 'Seed 1', score: 7 },
  { name: 'other', score: null }
]
const names = (sorted: readonly Row[]) => sorted.map(row => row.name)

test('numbers in names sort as numbers, and what is missing stands last either way', () => {
  expect(names(sortRows(rows, columns, { key: 'name', descending: false }))).toEqual([
    'other',
    'Seed 1',
    'seed 2',
    'seed 10'
  ])
  expect(names(sortRows(rows, columns, { key: 'score', descending: false }))).toEqual([
    'seed 10',
    'Seed 1',
    'seed 2',
    'other'
  ])
  expect(names(sortRows(rows, columns, { key: 'score', descending: true }))).toEqual([
    'Seed 1',
    'seed 10',
    'seed 2',
    'other'
  ])
  expect(sortRows(rows, columns, null)).toBe(rows)
})

test('the filter wants every word as it is shown, and knows negation', () => {
  expect(names(filterRows(rows, columns, 'SEED points'))).toEqual(['seed 10', 'seed 2', 'Seed 1'])
  expect(names(filterRows(rows, columns, 'seed -10'))).toEqual(['seed 2', 'Seed 1'])
  expect(names(filterRows(rows, columns, 'none'))).toEqual(['other'])
})

test('a head goes up, down, and back to the given order', () => {
  const up = nextSort(null, 'name')
  const down = nextSort(up, 'name')
  expect([up, down, nextSort(down, 'name')]).toEqual([
    { key: 'name', descending: false },
    { key: 'name', descending: true },
    null
  ])
  expect(nextSort(down, 'score')).toEqual({ key: 'score', descending: false })
})

test('keys move within the rows and leave others alone', () => {
  expect(moveActive('ArrowDown', -1, 3, 10)).toBe(0)
  expect(moveActive('ArrowDown', 2, 3, 10)).toBe(2)
  expect(moveActive('PageUp', 2, 30, 10)).toBe(0)
  expect(moveActive('End', 0, 30, 10)).toBe(29)
  expect(moveActive('x', 0, 30, 10)).toBeNull()
  expect(moveActive('Home', 0, 0, 10)).toBeNull()
})

test('a range adds to the selection, a single row toggles', () => {
  const keys = ['a', 'b', 'c', 'd']
  const one = changeSelection(new Set(['a']), keys, 0, null)
  expect([...one]).toEqual([])
  expect([...changeSelection(new Set(['d']), keys, 0, 2)].sort()).toEqual(['a', 'b', 'c', 'd'])
})
