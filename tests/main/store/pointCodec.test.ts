import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packColumns, summarise, unpackColumns } from '../../../src-main/store/pointCodec.ts'

const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, Number.MIN_VALUE))
const bits = (numbers: Float64Array) =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('hex')

describe('packColumns', () => {
  it('returns every bit of any numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyNumber, anyNumber), { maxLength: 50 }), rows => {
        const columns = [0, 1].map(column => Float64Array.from(rows, row => row[column as 0 | 1]))
        const back = unpackColumns(packColumns(columns), 2, rows.length)
        expect(back.map(bits)).toEqual(columns.map(bits))
      }),
      { numRuns: 500 }
    )
  })

  it('returns every bit of evenly spaced numbers, which it stores as two', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true }),
        fc.double({ noNaN: true }),
        fc.integer({ min: 0, max: 200 }),
        (first, stride, count) => {
          const column = Float64Array.from({ length: count }, (_, i) => first + i * stride)
          expect(bits(unpackColumns(packColumns([column]), 1, count)[0])).toBe(bits(column))
        }
      ),
      { numRuns: 500 }
    )
    const steps = Float64Array.from({ length: 4096 }, (_, i) => 200 * i)
    expect(packColumns([steps]).byteLength).toBeLessThan(64)
  })
})

describe('summarise', () => {
  it('leaves non-finite values out of extremes and sum, but not out of the last', () => {
    const summary = summarise(Float64Array.of(3, NaN, -1, Infinity))
    expect(summary).toEqual({ finite: 2, sum: 2, minimum: -1, maximum: 3, last: Infinity })
    expect(summarise(Float64Array.of(NaN))).toMatchObject({ finite: 0, minimum: NaN, maximum: NaN })
  })
})
