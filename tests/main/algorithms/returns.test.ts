import { describe, expect, test } from 'vitest'
import { lambdaReturns, returnColumns } from '../../../src-main/algorithms/returns.ts'
import { bootstrappableRows } from '../../../src-main/algorithms/rows.ts'
import { plainValues, viewOfEpisodes } from './views.ts'

const view = viewOfEpisodes([
  { rewards: [1, 2, 4], endReason: 'terminated' },
  { rewards: [8, 16], endReason: 'truncated' },
  { rewards: [32, 64], endReason: 'cut', hasFinal: false }
])
/** V(observation) = 100 + observation; rows count from 0, next observations lie half a row further. */
const valueAt = (observation: number) => 100 + observation
const settings = { discount: 0.5, lambda: 1, standardiseAdvantage: false, refreshEvery: 10 }

describe('returns of advantage-weighted regression', () => {
  test('lambda 1: Monte-Carlo; a truncated episode goes on with V of its final observation, a terminated one does not', async () => {
    const asked: number[] = []
    const { returns } = await returnColumns(settings).compute(view, plainValues(valueAt, asked))
    expect([...returns]).toEqual([
      1 + 0.5 * (2 + 0.5 * 4),
      2 + 0.5 * 4,
      4,
      8 + 0.5 * (16 + 0.5 * 104.5),
      16 + 0.5 * 104.5,
      // without a final observation the last return is V of what there is, without the reward that led away
      32 + 0.5 * 106.5,
      106.5
    ])
    expect(asked).toEqual([4.5, 6.5])
  })

  test('lambda 0: one step', async () => {
    const { returns } = await returnColumns({ ...settings, lambda: 0 }).compute(view, plainValues(valueAt))
    expect([...returns]).toEqual([1 + 50.25, 2 + 50.75, 4, 8 + 51.75, 16 + 52.25, 32 + 52.75, 106.5])
  })

  test('lambda between: the recursion of TD(lambda)', () => {
    const next = Float32Array.from({ length: 7 }, (_, row) => valueAt(row + 0.5))
    const returns = lambdaReturns({ discount: 0.5, lambda: 0.25 }, view, next)
    const second = 2 + 0.5 * (0.75 * 101.5 + 0.25 * 4)
    expect(returns[2]).toBe(4)
    expect(returns[1]).toBeCloseTo(second, 4)
    expect(returns[0]).toBeCloseTo(1 + 0.5 * (0.75 * 100.5 + 0.25 * second), 4)
    expect(returns[4]).toBeCloseTo(16 + 0.5 * 104.5, 4)
  })

  test('standardised: every row carries mean and standard deviation of return minus V over the whole part', async () => {
    const columns = await returnColumns({ ...settings, standardiseAdvantage: true }).compute(
      view,
      plainValues(valueAt)
    )
    const advantages = [...columns.returns].map((value, row) => value - valueAt(row))
    const mean = advantages.reduce((a, b) => a + b, 0) / 7
    const spread = Math.sqrt(advantages.reduce((sum, a) => sum + (a - mean) ** 2, 0) / 7)
    expect(columns.advantageCentre).toHaveLength(7)
    for (let row = 0; row < 7; row++) {
      expect(columns.advantageCentre[row]).toBeCloseTo(mean, 4)
      expect(columns.advantageScale[row]).toBeCloseTo(spread, 3)
    }
  })

  test('episodes that all terminate ask V nothing', async () => {
    const asked: number[] = []
    const terminated = viewOfEpisodes([{ rewards: [0, 1], endReason: 'terminated' }])
    const { returns } = await returnColumns(settings).compute(terminated, plainValues(valueAt, asked))
    expect([...returns]).toEqual([0.5, 1])
    expect(asked).toEqual([])
  })
})

describe('rows with a next value', () => {
  test('leave out only the step whose next observation the data lacks', () => {
    expect([...bootstrappableRows(view)]).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('keep a terminal step without a final observation', () => {
    const terminal = viewOfEpisodes([{ rewards: [1], endReason: 'terminated', hasFinal: false }])
    expect([...bootstrappableRows(terminal)]).toEqual([0])
  })

  test('none left: the message says what such data allows', () => {
    const tuples = viewOfEpisodes([{ rewards: [1], endReason: 'cut', hasFinal: false }])
    expect(() => bootstrappableRows(tuples)).toThrow(/none of the 1 transitions has a next observation/)
  })
})
