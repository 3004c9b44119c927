import { describe, expect, test } from 'vitest'
import { orthogonal, uniformFanIn } from '../../../src-main/nn/initializers.ts'

const address = { seed: 3, stream: 'init/test' }

/** All inner products of the rows (or columns) of a row-major matrix. */
function gram(matrix: Float32Array, rows: number, columns: number, byRows: boolean): number[][] {
  const at = (vector: number, i: number) =>
    byRows ? matrix[vector * columns + i] : matrix[i * columns + vector]
  const [count, length] = byRows ? [rows, columns] : [columns, rows]
  return Array.from({ length: count }, (_, a) =>
    Array.from({ length: count }, (_, b) =>
      Array.from({ length }, (_, i) => at(a, i) * at(b, i)).reduce((s, v) => s + v, 0)
    )
  )
}

describe('orthogonal', () => {
  test.each([
    [11, 32, true],
    [32, 3, false],
    [20, 20, true]
  ])('%i x %i has orthonormal vectors times the gain', (rows, columns, byRows) => {
    const products = gram(orthogonal(rows, columns, Math.SQRT2, address), rows, columns, byRows)
    products.forEach((row, a) => row.forEach((value, b) => expect(value).toBeCloseTo(a === b ? 2 : 0, 5)))
  })

  test('differs by seed and stream, and repeats', () => {
    const first = orthogonal(4, 4, 1, address)
    expect(orthogonal(4, 4, 1, address)).toEqual(first)
    expect(orthogonal(4, 4, 1, { ...address, seed: 4 })).not.toEqual(first)
    expect(orthogonal(4, 4, 1, { ...address, stream: 'init/other' })).not.toEqual(first)
  })
})

test('uniform fan-in fills +-1 / sqrt(inputs) evenly', () => {
  const values = uniformFanIn(4000, 16, address)
  expect(Math.max(...values)).toBeLessThanOrEqual(0.25)
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.25)
  expect(values.reduce((sum, value) => sum + value, 0) / 4000).toBeCloseTo(0, 2)
  expect(values.reduce((sum, value) => sum + value * value, 0) / 4000).toBeCloseTo(0.25 ** 2 / 3, 3)
})
