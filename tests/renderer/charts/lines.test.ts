import { describe, expect, test } from 'vitest'
import { formatDuration, formatNumber, formatSteps } from '../../../src-renderer/charts/format.ts'
import { interleave, lineOption } from '../../../src-renderer/charts/lineOption.ts'
import { tooltipRows } from '../../../src-renderer/charts/rows.ts'
import { nearestIndex, yExtent } from '../../../src-renderer/charts/scale.ts'
import { smooth } from '../../../src-renderer/charts/smoothing.ts'
import type { ChartLine, ChartSpec } from '../../../src-renderer/charts/types.ts'

const theme = {
  text: '#000',
  muted: '#777',
  line: '#ddd',
  background: '#fff',
  warning: '#fa0',
  error: '#f00'
}
const line = (id: string, x: number[], y: number[], more: Partial<ChartLine> = {}): ChartLine => ({
  id,
  name: id,
  colour: '#123',
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  ...more
})
const spec = (lines: ChartLine[], more: Partial<ChartSpec> = {}): ChartSpec => ({
  lines,
  xName: 'step',
  ...more
})

describe('non-finite points', () => {
  test('are left out of the line data and stand as marks of their own', () => {
    const broken = line('a', [0, 1, 2], [1, NaN, 3], {
      nonFinite: { x: Float64Array.of(1), values: Float64Array.of(NaN) }
    })
    expect([...interleave(broken.x, broken.y)]).toEqual([0, 1, 2, 3])
    const option = lineOption(spec([broken]), theme, 'step')
    const series = option.series as { id: string; data: unknown }[]
    expect(series.map(entry => entry.id)).toContain('a/nonFinite')
  })

  test('do not stop smoothing and do not enter it', () => {
    const y = smooth(Float64Array.of(1, NaN, 1, Infinity, 1), 0.9)
    expect([...y].every(value => Math.abs(value - 1) < 1e-12)).toBe(true)
  })
})

test('smoothing is debiased: a constant stays and the first value is the first point', () => {
  expect([...smooth(Float64Array.of(5, 5, 5), 0.99)]).toEqual(
    [5, 5, 5].map(value => expect.closeTo(value, 10) as number)
  )
  expect(smooth(Float64Array.of(4, 8), 0.5)[1]).toBeCloseTo((0.5 * 0.5 * 4 + 0.5 * 8) / 0.75)
})

test('values with nothing in between are points without a line', () => {
  const [series] = lineOption(spec([{ ...line('a', [0, 1, 2], [0, 1, 0]), points: true }]), theme, 'step')
    .series as { showSymbol: boolean; showAllSymbol: boolean; lineStyle: { width: number } }[]
  expect([series?.showSymbol, series?.showAllSymbol, series?.lineStyle.width]).toEqual([true, true, 0])
  const [drawn] = lineOption(spec([line('a', [0, 1], [0, 1])]), theme, 'step').series as (typeof series)[]
  expect([drawn?.showSymbol, drawn?.lineStyle.width]).toEqual([false, 1.5])
})

test('the library animates nothing and draws no tooltip of its own', () => {
  const option = lineOption(spec([line('a', [0, 1], [0, 1])]), theme, 'step')
  expect(option.animation).toBe(false)
  expect(option).not.toHaveProperty('tooltip')
})

test('reference lines stay inside the axis', () => {
  const extent = yExtent(spec([line('a', [0, 1], [0, 1])], { references: [{ label: 'best', value: 10 }] }))
  expect(extent?.high).toBe(10)
})

test('trimmed outliers are counted, not hidden silently', () => {
  const y = Array.from({ length: 100 }, (_, i) => (i === 50 ? 1e6 : i / 100))
  const extent = yExtent(
    spec(
      [
        line(
          'a',
          y.map((_, i) => i),
          y
        )
      ],
      { ignoreOutliers: true }
    )
  )
  expect(extent?.high).toBeLessThan(2)
  expect(extent?.outside).toBe(1)
})

test('the nearest point is found at both ends and between', () => {
  const x = Float64Array.of(0, 10, 20)
  expect([-5, 4, 6, 14.9, 15.1, 99].map(at => nearestIndex(x, at))).toEqual([0, 0, 1, 1, 2, 2])
  expect(nearestIndex(new Float64Array(), 1)).toBe(-1)
})

test('the tooltip lists the largest values first, without quiet lines, and says how many more there are', () => {
  const lines = [
    line('a', [0], [1]),
    line('b', [0], [3]),
    line('c', [0], [2]),
    line('raw', [0], [9], { quiet: true })
  ]
  const { rows, more } = tooltipRows(lines, 0, 2)
  expect(rows.map(row => row.id)).toEqual(['b', 'c'])
  expect(more).toBe(1)
})

test.each([
  [NaN, 'NaN'],
  [Infinity, '∞'],
  [-1234.5678, '−1235'],
  [0.00001234, '1.23e−5'],
  [0, '0']
])('%d reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text)
})

test('steps and durations read as people say them', () => {
  expect([formatSteps(1500), formatSteps(2e6), formatSteps(250)]).toEqual(['1.5k', '2M', '250'])
  expect([formatDuration(45), formatDuration(185), formatDuration(7800)]).toEqual([
    '45 s',
    '3 min 5 s',
    '2 h 10 min'
  ])
})

test('an axis of steps begins at 0, one of a zoom where it is asked', () => {
  const first = (option: ReturnType<typeof lineOption>): unknown => (option.xAxis as { min: unknown }).min
  const whole = first(lineOption(spec([line('a', [20_000], [1])]), theme, 'step'))
  expect((whole as (range: { min: number }) => number)({ min: 20_000 })).toBe(0)
  expect(first(lineOption(spec([line('a', [1, 2], [1, 2])], { xRange: [5, 9] }), theme, 'step'))).toBe(5)
})
