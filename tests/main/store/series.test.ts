import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { appendPoints } from '../../../src-main/store/metrics.ts'
import { bucketWidth, querySeries } from '../../../src-main/store/series.ts'
import { smooth } from '../../../src-main/store/smoothing.ts'
import { transaction, type WritableDb } from '../../../src-main/store/sql.ts'
import { addRuns, temporaryStore } from './support.ts'

const open = { maxPoints: 100, fromStep: null, toStep: null, smoothing: 0 }

function storeWith(values: ArrayLike<number>, stepOf = (i: number) => i) {
  const { db } = temporaryStore()
  addRuns(db, 'r')
  write(db, values, stepOf)
  return db
}

function write(db: WritableDb, values: ArrayLike<number>, stepOf = (i: number) => i): void {
  const steps = Float64Array.from({ length: values.length }, (_, i) => stepOf(i))
  transaction(db, () => {
    for (let i = 0; i < values.length; i += 1000) {
      const part = steps.slice(i, i + 1000)
      appendPoints(db, 'r', [
        { key: 'loss', steps: part, seconds: part, values: Array.from(values).slice(i, i + 1000) }
      ])
    }
  })
}

describe('querySeries', () => {
  it('gives the points themselves where they fit', () => {
    const series = querySeries(storeWith([5, 6, 7]), 'r', 'loss', open)
    expect(series).toMatchObject({ raw: true, total: 3 })
    expect([...series.values]).toEqual([5, 6, 7])
    expect(series.minimum).toEqual(series.values)
  })

  it('shows every spike in a bucket, with exact extremes and means, and the same bytes again', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 100))
    const spikes = [0, 1, 777, 4095, 4096, 5000, 9999]
    spikes.forEach((at, i) => (values[at] = i % 2 === 0 ? 100 + i : -100 - i))
    const db = storeWith(values, i => i * 3)
    const series = querySeries(db, 'r', 'loss', open)
    expect(series.raw).toBe(false)
    expect(series.steps.length).toBeLessThanOrEqual(100)
    expect(series.steps.length).toBeGreaterThan(40)
    const width = bucketWidth(0, 9999 * 3, 100)
    series.steps.forEach((_, bucket) => {
      const inside = values.filter((_, i) => Math.floor((i * 3) / width) === bucket)
      expect(series.minimum[bucket]).toBe(Math.min(...inside))
      expect(series.maximum[bucket]).toBe(Math.max(...inside))
      expect(series.values[bucket]).toBe(inside.reduce((sum, value) => sum + value, 0) / inside.length)
    })
    spikes.forEach((at, i) => {
      const extremes = i % 2 === 0 ? series.maximum : series.minimum
      expect([...extremes]).toContain(values[at])
    })
    expect(querySeries(db, 'r', 'loss', open)).toEqual(series)
  })

  it('keeps the edges of its buckets while points are added', () => {
    const db = storeWith(Float64Array.from({ length: 3000 }, (_, i) => i))
    const before = querySeries(db, 'r', 'loss', open)
    const width = bucketWidth(0, 2999, 100)
    const room = 100 * width - 3000
    write(
      db,
      Float64Array.from({ length: room }, () => -1),
      i => 3000 + i
    )
    const after = querySeries(db, 'r', 'loss', open)
    const whole = before.steps.length - 1
    expect(after.steps.subarray(0, whole)).toEqual(before.steps.subarray(0, whole))
    expect(after.values.subarray(0, whole)).toEqual(before.values.subarray(0, whole))
  })

  it('lists non-finite points apart and draws through the rest', () => {
    const series = querySeries(storeWith([1, NaN, 3, Infinity, -Infinity, 6]), 'r', 'loss', open)
    expect([...series.steps]).toEqual([0, 2, 5])
    expect([...series.nonFiniteSteps]).toEqual([1, 3, 4])
    expect([...series.nonFiniteValues]).toEqual([NaN, Infinity, -Infinity])
    expect(series.total).toBe(6)
  })

  it('answers a range by its ends, smoothed by what came before it', () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => i % 7)
    const db = storeWith(values)
    const part = querySeries(db, 'r', 'loss', { ...open, fromStep: 10, toStep: 20, smoothing: 0.9 })
    expect([...part.steps]).toEqual(Array.from({ length: 11 }, (_, i) => 10 + i))
    expect([...part.values]).toEqual([...smooth(values, 0.9).subarray(10, 21)])
  })

  it('puts points that came out of order in their place', () => {
    const series = querySeries(
      storeWith([10, 30, 20], i => [1, 3, 2][i]),
      'r',
      'loss',
      open
    )
    expect([...series.steps]).toEqual([1, 2, 3])
    expect([...series.values]).toEqual([10, 20, 30])
  })

  it('is empty for a key that the run does not have', () => {
    const series = querySeries(storeWith([1]), 'r', 'other', open)
    expect(series).toMatchObject({ raw: true, total: 0 })
    expect(series.steps).toHaveLength(0)
  })
})

describe('bucketWidth', () => {
  it('is the smallest power of two with few enough buckets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e7 }),
        fc.integer({ min: 1, max: 1e7 }),
        fc.integer({ min: 10, max: 2000 }),
        (first, range, most) => {
          const buckets = (width: number) =>
            Math.floor((first + range) / width) - Math.floor(first / width) + 1
          const width = bucketWidth(first, first + range, most)
          expect(Number.isInteger(Math.log2(width))).toBe(true)
          expect(buckets(width)).toBeLessThanOrEqual(most)
          expect(buckets(width / 4)).toBeGreaterThan(most)
        }
      )
    )
  })
})

describe('smooth', () => {
  it('starts at the first value, equals the weighted mean of all before, and is not swallowed by a NaN', () => {
    const weight = 0.6
    const smoothed = smooth(Float64Array.of(4, NaN, 8, 1), weight)
    expect(smoothed[0]).toBeCloseTo(4, 12)
    expect(smoothed[1]).toBeNaN()
    expect(smoothed[2]).toBeCloseTo((weight * 4 + 8) / (weight + 1), 12)
    expect(smoothed[3]).toBeCloseTo((weight ** 2 * 4 + weight * 8 + 1) / (weight ** 2 + weight + 1), 12)
  })
})
