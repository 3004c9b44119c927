import { describe, expect, it } from 'vitest'
import { pendulum } from '../../../src-main/environments/pendulum.ts'
import { chooseReference, normalizeDeviation, normalizedScore } from '../../../src-main/evaluation/scores.ts'

describe('normalised scores', () => {
  it('are 0 at the low reference, 100 at the high one and go on beyond', () => {
    const reference = { low: -50, high: 150, source: 'test' }
    expect([-50, 150, 50, 250, -150].map(value => normalizedScore(value, reference))).toEqual([
      0, 100, 50, 150, -50
    ])
    expect(normalizedScore(NaN, reference)).toBeNaN()
    expect(normalizeDeviation(20, reference)).toBe(10)
  })

  it("take the dataset's own reference before the environment's", () => {
    const own = { low: 1, high: 2, source: 'ref_min_score and ref_max_score of the file' }
    expect(chooseReference({ scoreReference: own }, pendulum.info)).toBe(own)
    expect(chooseReference({ scoreReference: null }, pendulum.info)?.source).toMatch(
      /random actions 0 .*scripted expert 100 .*1000 episodes/
    )
    expect(chooseReference({ scoreReference: null }, null)).toBeNull()
  })
})
