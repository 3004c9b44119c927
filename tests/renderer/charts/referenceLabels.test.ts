import { expect, test } from 'vitest'
import { mergeReferences, placeReferences } from '../../../src-renderer/charts/referenceLabels.ts'

const frame = { width: 360, height: 160, low: 0, high: 100 }
const lines = (...values: number[]) => values.map(value => ({ label: `a published score ${value}`, value }))

test('reference lines of one value share a label', () => {
  const merged = mergeReferences([
    { label: 'data best', value: 1 },
    { label: 'score 100', value: 1 },
    { label: 'data mean', value: 0.3 }
  ])
  expect(merged.map(reference => reference.label)).toEqual(['data best, score 100', 'data mean'])
})

test('labels of lines that are far apart all stand at the left', () => {
  const placed = placeReferences(lines(90, 50, 10), frame)
  expect(placed.map(({ place }) => place)).toEqual(['insideStartTop', 'insideStartTop', 'insideStartTop'])
})

test('labels of close lines take turns; where no place is free a line stands without words', () => {
  const taken = placeReferences(lines(50, 51, 52, 53, 54, 55), frame).map(({ place }) => place)
  expect(taken.slice(0, 2)).toEqual(['insideStartTop', 'insideEndTop'])
  expect(taken).toContain(null)
  const placed = taken.filter(place => place !== null)
  expect(new Set(placed).size).toBe(placed.length)
})

test('no line runs through the label of another', () => {
  const placed = placeReferences(lines(50, 43), frame)
  expect(placed.map(({ place }) => place)).toEqual(['insideStartTop', 'insideStartBottom'])
})

test('two labels that are wider than half the plot never stand in one row', () => {
  const long = [60, 59].map(value => ({ label: 'IQL on hopper-medium-expert-v2, IQL paper', value }))
  const [first, second] = placeReferences(long, frame)
  expect(first?.place).toBe('insideStartTop')
  expect(second?.place).toBe('insideStartBottom')
})

test('a label wider than the plot is left to the cursor', () => {
  const [only] = placeReferences([{ label: 'x'.repeat(200), value: 50 }], frame)
  expect(only?.place).toBeNull()
  expect(only?.text.endsWith(' 50')).toBe(true)
})
