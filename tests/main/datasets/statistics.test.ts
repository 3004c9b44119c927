import { expect, test } from 'vitest'
import { buildColumns } from '../../../src-main/datasets/build.ts'
import {
  countDuplicates,
  factsOf,
  histogramOf,
  shareOutside,
  summarise
} from '../../../src-main/datasets/statistics.ts'
import { description, episode, small } from './make.ts'

test('histograms count every finite value once, and the others apart', () => {
  const values = [0, 1, 2, 3, 4, NaN, Infinity, -Infinity]
  const { low, high, counts, nonFinite } = histogramOf(values)
  expect([low, high, nonFinite]).toEqual([0, 4, 3])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5)
  expect([counts[0], counts.at(-1)]).toEqual([1, 1])
  expect(histogramOf([2, 2, NaN])).toEqual({ low: 2, high: 2, counts: [2], nonFinite: 1 })
  expect(histogramOf([NaN])).toEqual({ low: 0, high: 0, counts: [], nonFinite: 1 })
  expect(histogramOf([1, 9, 2, 9, 3, 9], 2, 0)).toMatchObject({ low: 1, high: 3 })
})

test('facts and the table of dimensions of a small dataset, worked out by hand', () => {
  const columns = small()
  expect(factsOf(columns)).toEqual({
    episodes: 3,
    transitions: 5,
    missingNextObservations: 1,
    endReasons: { terminated: 1, truncated: 1, cut: 1, unknown: 0 },
    meanReturn: (3 - 1 + 9) / 3,
    bestReturn: 9,
    meanLength: 5 / 3
  })
  const { dimensions, returns, lengths } = summarise(columns, description)
  expect(dimensions.map(({ group, name }) => `${group} ${name}`)).toEqual([
    'observations x',
    'actions u',
    'rewards reward'
  ])
  // Seven observations are stored; the missing final one is not a value.
  const stored = [0, 1, 2, 10, 11, 20, 21]
  const mean = stored.reduce((sum, x) => sum + x, 0) / 7
  expect(dimensions[0]).toMatchObject({
    mean,
    minimum: 0,
    maximum: 21,
    nonFinite: 0,
    constant: false,
    shareAtBound: null
  })
  expect(dimensions[0].standardDeviation).toBeCloseTo(
    Math.sqrt(stored.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 7),
    9
  )
  // Bounds are -2 and 2: two of five actions lie on them.
  expect(dimensions[1].shareAtBound).toBe(2 / 5)
  expect([returns.low, returns.high, lengths.low, lengths.high]).toEqual([-1, 9, 1, 2])
})

test('rows outside the bounds are counted by row, and rounding of a bound does not count', () => {
  const columns = buildColumns({ observationSize: 1, actionSize: 2, hasRewards: false }, [
    episode({
      observations: new Float32Array(5),
      actions: Float32Array.of(0.1, 0.1, 2, -2, Math.fround(0.1), 0, 0, -0.5),
      rewards: null
    })
  ])
  expect(shareOutside(columns, [-0.2, -0.2], [0.1, 0.1])).toBe(2 / 4)
})

test('duplicates are transitions that repeat exactly, in any episode', () => {
  const rows = { observations: Float32Array.of(1, 2, 3), actions: Float32Array.of(0, 0) }
  const make = (rewards: number[]) => episode({ ...rows, rewards: Float32Array.from(rewards) })
  const columns = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: true }, [
    make([1, 1]),
    make([1, 2]),
    make([1, 1])
  ])
  // The first row three times, the second twice with reward 1 and once with reward 2.
  expect(countDuplicates(columns)).toBe(3)
})

test('returns that are not finite stay visible', () => {
  const columns = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: true }, [
    episode({
      observations: Float32Array.of(1, 2),
      actions: Float32Array.of(0),
      rewards: Float32Array.of(NaN)
    }),
    episode({
      observations: Float32Array.of(1, 2),
      actions: Float32Array.of(0),
      rewards: Float32Array.of(Infinity)
    })
  ])
  expect(factsOf(columns)).toMatchObject({ meanReturn: 'NaN', bestReturn: 'Infinity' })
  expect(summarise(columns, description).returns.nonFinite).toBe(2)
  expect(summarise(columns, description).problems[0]).toMatchObject({ severity: 'error' })
})

test('the best return is the best number there is, and a column with NaN is not constant', () => {
  const columns = small()
  columns.rewards[0] = NaN
  expect(factsOf(columns).meanReturn).toBe('NaN')
  expect(factsOf(columns).bestReturn).toBe(9)
  columns.rewards.fill(1, 1)
  const rewards = summarise(columns, description).dimensions.find(({ group }) => group === 'rewards')
  expect(rewards).toMatchObject({ minimum: 1, maximum: 1, nonFinite: 1, constant: false })
})
