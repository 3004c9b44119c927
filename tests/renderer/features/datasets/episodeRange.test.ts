import { expect, test } from 'vitest'
import { errorText, leftOutText } from '../../../../src-renderer/features/datasets/dynamicsText.ts'
import {
  boundsOf,
  brushed,
  parseRange,
  rangesText,
  rangeText,
  shareOf,
  withEnd
} from '../../../../src-renderer/features/datasets/episodeRange.ts'

const histogram = { low: 10, high: 50, counts: [1, 2, 3, 4], nonFinite: 0 }

test('a drag selects whole bins, in either direction, and stays within the data', () => {
  expect(brushed(histogram, 0.3, 0.6)).toEqual({ low: 20, high: 40 })
  expect(brushed(histogram, 0.6, 0.3)).toEqual({ low: 20, high: 40 })
  expect(brushed(histogram, 0.1, 0.1)).toEqual({ low: 10, high: 20 })
  expect(brushed(histogram, -2, 9)).toEqual({ low: 10, high: 50 })
  expect(brushed({ ...histogram, counts: [] }, 0, 1)).toBeNull()
})

test('the selection lies where its values lie', () => {
  expect(shareOf(histogram, { low: 20, high: 40 })).toEqual({ left: 0.25, width: 0.5 })
  expect(shareOf(histogram, { low: 0, high: 20 })).toEqual({ left: 0, width: 0.25 })
  expect(shareOf(histogram, { low: 60, high: 70 })).toBeNull()
  expect(shareOf(histogram, null)).toBeNull()
})

test('an end that is typed keeps the other, and moves it where it would lie beyond', () => {
  expect(withEnd(histogram, null, 'low', '30')).toEqual({ low: 30, high: 50 })
  expect(withEnd(histogram, { low: 20, high: 30 }, 'high', '45')).toEqual({ low: 20, high: 45 })
  expect(withEnd(histogram, { low: 20, high: 30 }, 'low', '40')).toEqual({ low: 40, high: 40 })
  expect(withEnd(histogram, { low: 20, high: 30 }, 'low', 'x')).toEqual({ low: 20, high: 30 })
})

test('an address keeps ranges, and what it cannot mean is no range', () => {
  expect(parseRange(rangeText({ low: -5.5, high: 1e21 }))).toEqual({ low: -5.5, high: 1e21 })
  for (const text of ['', '1', '~', '1~', '2~1', '1~2~3', 'a~b', '1~Infinity'])
    expect(parseRange(text)).toBeNull()
  expect(boundsOf({ returns: { low: 1, high: 2 }, lengths: null })).toEqual({
    ...{ minimumReturn: 1, maximumReturn: 2 },
    ...{ minimumLength: null, maximumLength: null }
  })
  expect(rangesText({ returns: { low: 1, high: 2 }, lengths: { low: 3, high: 4 } })).toBe(
    'return 1 to 2, length 3 to 4'
  )
  expect(rangesText({ returns: null, lengths: null })).toBe('')
})

test('errors keep two digits, and only what was left out is said', () => {
  expect([4.77e-7, 0.0853, 3.34, 0, 'Infinity' as const].map(errorText)).toEqual([
    ...['4.8e-7', '0.085', '3.3', '0', 'Infinity']
  ])
  expect(leftOutText({ skipped: { clipped: 1784, withoutNext: 0, nonFinite: 2 } })).toBe(
    '; rows left out: 1,784 with clipped velocities, 2 with values that are not finite'
  )
  expect(leftOutText({ skipped: { clipped: 0, withoutNext: 0, nonFinite: 0 } })).toBe('')
})
