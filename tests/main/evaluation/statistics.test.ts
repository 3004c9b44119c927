import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBootstrap } from '../../../src-main/evaluation/bootstrap.ts'
import {
  aggregateInterquartileMean,
  aggregateMean,
  aggregateMedian,
  interquartileMean,
  mean,
  median,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  probabilityOfSuperiority,
  quantileOf,
  sampleDeviation
} from '../../../src-main/evaluation/statistics.ts'

interface Aggregates {
  mean: number
  median: number
  iqm: number
  gap: number
}
interface Recorded {
  x: number[][]
  y: number[][]
  one: number[][]
  xStatistics: Aggregates
  yStatistics: Aggregates
  oneStatistics: Aggregates
  probability: { xy: number; yx: number; xx: number }
  thresholds: number[]
  profile: number[]
  deviation: number
  quantiles: number[]
  intervals: Record<string, [number, number]>
}
const file = new URL('../../fixtures/evaluation/statistics.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded

describe('statistics by hand', () => {
  it('mean, median and deviation', () => {
    expect(mean([1, 2, 6])).toBe(3)
    expect(median([6, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 10])).toBe(3)
    expect(sampleDeviation([1, 2, 6])).toBeCloseTo(Math.sqrt(7), 12)
    expect(sampleDeviation([5])).toBeNaN()
    expect(sampleDeviation([0.1, 0.1, 0.1])).toBe(0)
    expect(sampleDeviation(Array.from({ length: 7 }, () => -1234.567))).toBe(0)
    expect(sampleDeviation([1, Infinity])).toBeNaN()
    expect(mean([])).toBeNaN()
    expect(median([])).toBeNaN()
  })

  it('interquartile mean cuts floor(n / 4) from each end', () => {
    expect(interquartileMean([100, 1, 2, 3])).toBe(2.5)
    expect(interquartileMean([9, 1, 5])).toBe(5)
    expect(interquartileMean([-50, 1, 2, 3, 4, 5, 6, 90])).toBe(3.5)
  })

  it('probability of improvement counts ties half', () => {
    expect(probabilityOfSuperiority([2, 3], [1, 2])).toBe(3.5 / 4)
    expect(probabilityOfSuperiority([1, 1], [1, 1])).toBe(0.5)
    expect(probabilityOfSuperiority([1], [])).toBeNaN()
    expect(probabilityOfImprovement([[2], [0]], [[1], [1]])).toBe(0.5)
  })

  it('optimality gap and performance profile', () => {
    expect(
      optimalityGap(
        [
          [50, 150],
          [100, 80]
        ],
        100
      )
    ).toBe(100 - (50 + 100 + 100 + 80) / 4)
    expect(
      performanceProfile(
        [
          [0, 1],
          [2, 3]
        ],
        [-1, 0, 1.5, 3]
      )
    ).toEqual([1, 0.75, 0.5, 0])
  })
})

describe('statistics against rliable and scipy', () => {
  it.each([
    ['x', recorded.x, recorded.xStatistics, 100],
    ['y', recorded.y, recorded.yStatistics, 100],
    ['one task', recorded.one, recorded.oneStatistics, 1]
  ] as const)('aggregates of %s agree to 1e-9', (_name, scores, expected, target) => {
    expect(aggregateMean(scores)).toBeCloseTo(expected.mean, 9)
    expect(aggregateMedian(scores)).toBeCloseTo(expected.median, 9)
    expect(aggregateInterquartileMean(scores)).toBeCloseTo(expected.iqm, 9)
    expect(optimalityGap(scores, target)).toBeCloseTo(expected.gap, 9)
  })

  it('probabilities of improvement, profile, deviation and quantiles agree to 1e-9', () => {
    const { x, y, one, probability } = recorded
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(probability.xy, 9)
    expect(probabilityOfImprovement(y, x)).toBeCloseTo(probability.yx, 9)
    expect(probabilityOfImprovement(x, x)).toBeCloseTo(probability.xx, 9)
    performanceProfile(x, recorded.thresholds).forEach((share, i) =>
      expect(share).toBeCloseTo(recorded.profile[i], 9)
    )
    expect(sampleDeviation(one[0])).toBeCloseTo(recorded.deviation, 9)
    const ascending = [...one[0]].sort((a, b) => a - b)
    const shares = [0.025, 0.37, 0.975]
    shares.forEach((share, i) => expect(quantileOf(ascending, share)).toBeCloseTo(recorded.quantiles[i], 9))
  })

  it.each([
    ['x/mean', recorded.x, aggregateMean],
    ['x/iqm', recorded.x, aggregateInterquartileMean],
    ['one/mean', recorded.one, aggregateMean],
    ['one/iqm', recorded.one, aggregateInterquartileMean]
  ] as const)(
    'the stratified bootstrap interval of %s lies within sampling error',
    (name, scores, statistic) => {
      const [low, high] = recorded.intervals[name]
      const interval = createBootstrap({ seed: 0, replications: 20_000, level: 0.95 }).interval(
        scores,
        statistic
      )
      // the 2.5 % quantile of 20000 draws moves by about 1 % of the width from seed to seed
      expect(Math.abs(interval.low - low)).toBeLessThan(0.03 * (high - low))
      expect(Math.abs(interval.high - high)).toBeLessThan(0.03 * (high - low))
    }
  )
})

describe('bootstrap', () => {
  const first = (scores: readonly (readonly number[])[]) => mean(scores[0])

  it('repeats for a seed and moves with it', () => {
    const scores = [[1, 5, 2, 8, 3]]
    const at = (seed: number) =>
      createBootstrap({ seed, replications: 500, level: 0.95 }).interval(scores, first)
    expect(at(1)).toEqual(at(1))
    expect([at(2), at(3), at(4)]).not.toEqual([at(1), at(1), at(1)])
  })

  it('resamples inside each task', () => {
    // tasks of constant scores have no spread within, however different they are
    const { low, high } = createBootstrap().interval(
      [
        [1, 1, 1],
        [9, 9, 9]
      ],
      aggregateMean
    )
    expect([low, high]).toEqual([5, 5])
  })

  it('gives no interval for a single run, and none where scores are NaN', () => {
    expect(createBootstrap().interval([[3]], first)).toEqual({ low: NaN, high: NaN })
    expect(createBootstrap().interval([[3, NaN, 1, 2]], first)).toEqual({ low: NaN, high: NaN })
  })

  it('has a fast way for one mean that gives the same interval', () => {
    const values = [1, 5, 2, 8, 3, 13]
    expect(createBootstrap().meanInterval(values)).toEqual(
      createBootstrap().interval([values], aggregateMean)
    )
    expect(createBootstrap().meanInterval([1])).toEqual({ low: NaN, high: NaN })
  })

  it('resamples two algorithms independently', () => {
    const same = [[1, 2, 3, 4, 5, 6]]
    const { low, high } = createBootstrap().pairInterval(same, same, (x, y) => mean(x[0]) - mean(y[0]))
    expect(low).toBeLessThan(-1)
    expect(high).toBeGreaterThan(1)
  })
})

describe('properties', () => {
  const scores = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })

  it('mean, median and interquartile mean lie within the sample', () => {
    fc.assert(
      fc.property(scores, values => {
        const [low, high] = [Math.min(...values) - 1e-6, Math.max(...values) + 1e-6]
        return [mean(values), median(values), interquartileMean(values)].every(
          value => value >= low && value <= high
        )
      }),
      { seed: 1 }
    )
  })

  it('probabilities of both directions add up to 1', () => {
    fc.assert(
      fc.property(
        scores,
        scores,
        (x, y) => Math.abs(probabilityOfSuperiority(x, y) + probabilityOfSuperiority(y, x) - 1) < 1e-12
      ),
      { seed: 1 }
    )
  })

  it('a NaN shows in every summary', () => {
    for (const statistic of [mean, median, interquartileMean, sampleDeviation]) {
      expect(statistic([1, NaN, 3, 4, 5])).toBeNaN()
    }
    expect(probabilityOfSuperiority([1, NaN], [0])).toBeNaN()
  })

  it('infinite scores stay infinite instead of turning into NaN in the median', () => {
    expect(median([1, Infinity, Infinity])).toBe(Infinity)
    expect(quantileOf([-Infinity, -Infinity, 0], 0.25)).toBe(-Infinity)
  })
})
