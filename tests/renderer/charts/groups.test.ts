import { describe, expect, test } from 'vitest'
import { centreOf, commonGrid, groupLine, interpolate } from '../../../src-renderer/charts/groups.ts'

const member = (x: number[], y: number[]) => ({ x: Float64Array.from(x), y: Float64Array.from(y) })
const style = { id: 'g', name: 'IQL', colour: '#123456' }

describe('members with different grids', () => {
  const long = member([0, 10, 20], [0, 10, 20])
  const short = member([0, 5, 15], [2, 7, 17])

  test('are read by interpolation, never beyond their own last point', () => {
    expect(interpolate(short, 10)).toBe(12)
    expect(interpolate(short, 20)).toBeNaN()
    expect(interpolate(long, 10)).toBe(10)
  })

  test('share a grid of every x that occurs', () => {
    expect([...commonGrid([long, short])]).toEqual([0, 5, 10, 15, 20])
  })

  test('give the mean of those that reach a point, and the range as a band', () => {
    const line = groupLine([long, short], style, 'mean', 'range')
    expect([...line.y]).toEqual([1, 6, 11, 16, 20])
    expect([...(line.band?.low ?? [])]).toEqual([0, 5, 10, 15, 20])
    expect([...(line.band?.high ?? [])]).toEqual([2, 7, 12, 17, 20])
  })
})

test('a grid of many points is thinned to the limit and keeps both ends', () => {
  const x = Array.from({ length: 5000 }, (_, i) => i)
  const grid = commonGrid([member(x, x)], 100)
  expect(grid).toHaveLength(100)
  expect([grid[0], grid[99]]).toEqual([0, 4999])
})

test('centres: mean, median and interquartile mean', () => {
  const values = [0, 1, 2, 3, 100, 200, 300, 400]
  expect(centreOf(values, 'mean')).toBeCloseTo(125.75)
  expect(centreOf(values, 'median')).toBe(51.5)
  expect(centreOf(values, 'interquartileMean')).toBeCloseTo((2 + 3 + 100 + 200) / 4)
})

test('the 95 % interval of three seeds uses the t distribution with two degrees of freedom', () => {
  const line = groupLine([member([0], [1]), member([0], [2]), member([0], [3])], style, 'mean', 'interval')
  expect(line.band?.high[0]).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 3)
})
