import { describe, expect, it } from 'vitest'
import { calibrate, returnsToGo, usableSteps } from '../../../src-main/evaluation/returnsToGo.ts'

describe('returnsToGo', () => {
  it('discounts what follows', () => {
    expect([...returnsToGo([1, 0, 4], 0.5)]).toEqual([2, 2, 4])
    expect([...returnsToGo([1, 2], 1, 10)]).toEqual([13, 12])
    expect(returnsToGo([], 0.9)).toHaveLength(0)
  })

  it('leaves out the end of truncated episodes, whose returns are not known', () => {
    expect(usableSteps(10, 0.5, true)).toBe(10)
    // 0.5^5 = 0.031 <= 0.05 < 0.5^4
    expect(usableSteps(10, 0.5, false)).toBe(5)
    expect(usableSteps(3, 0.99, false)).toBe(0)
    expect(usableSteps(10, 1, false)).toBe(0)
  })
})

describe('calibrate', () => {
  it('measures over-estimation against what happened', () => {
    const result = calibrate([{ rewards: [1, 0, 4], estimates: [3, 3, 5], terminated: true }], 0.5)
    expect(result).toEqual({ steps: 3, bias: 1, rootMeanSquare: 1, meanEstimate: 11 / 3, meanReturn: 8 / 3 })
  })

  it('has no opinion where nothing can be compared', () => {
    const result = calibrate([{ rewards: [1, 1], estimates: [5, 5], terminated: false }], 0.99)
    expect(result.steps).toBe(0)
    expect(result.bias).toBeNaN()
  })
})
