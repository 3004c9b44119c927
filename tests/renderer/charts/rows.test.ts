import { expect, test } from 'vitest'
import { tableOf, tooltipRows } from '../../../src-renderer/charts/rows.ts'
import type { ChartLine } from '../../../src-renderer/charts/types.ts'

const line = (more: Partial<ChartLine> = {}): ChartLine => ({
  id: 'a',
  name: 'A',
  colour: '#000',
  x: Float64Array.of(100, 200),
  y: Float64Array.of(1, 2),
  nonFinite: { x: Float64Array.of(300, 400), values: Float64Array.of(Infinity, NaN) },
  ...more
})
const shown = (of: ChartLine, x: number): number | undefined => tooltipRows([of], x, 6).rows[0]?.y

test('the cursor reads points that are not finite where they are nearest', () => {
  expect(shown(line(), 390)).toBe(NaN)
  expect(shown(line(), 310)).toBe(Infinity)
  expect(shown(line(), 220)).toBe(2)
})

test('a line that was never finite is told too', () => {
  const broken = line({ x: new Float64Array(), y: new Float64Array() })
  expect(shown(broken, 0)).toBe(Infinity)
  expect(tooltipRows([line({ x: new Float64Array(), nonFinite: undefined })], 0, 6).rows).toEqual([])
})

test('where a member of a group broke, the group keeps the value of the others', () => {
  const group = line({ nonFinite: { x: Float64Array.of(200), values: Float64Array.of(NaN) } })
  expect(shown(group, 200)).toBe(2)
})

test('the table has a row for every point, finite or not', () => {
  expect(tableOf([line()])).toEqual([
    { x: 100, values: [1] },
    { x: 200, values: [2] },
    { x: 300, values: [Infinity] },
    { x: 400, values: [NaN] }
  ])
})
