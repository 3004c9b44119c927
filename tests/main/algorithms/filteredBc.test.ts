import { describe, expect, test } from 'vitest'
import { filteredBc, selectBest } from '../../../src-main/algorithms/filteredBc.ts'
import { UserError } from '../../../src-main/base/errors.ts'
import { viewOfEpisodes } from './views.ts'

/** Returns 1, 5, 3, -2 over 4, 2, 3 and 1 steps. */
const view = viewOfEpisodes([
  { rewards: [1, 0, 0, 0], endReason: 'terminated' },
  { rewards: [2, 3], endReason: 'truncated' },
  { rewards: [1, 1, 1], endReason: 'terminated' },
  { rewards: [-2], endReason: 'cut' }
])
const rows = (settings: object) => [...selectBest(filteredBc.schema.parse(settings), view)]

describe('filtered behaviour cloning keeps', () => {
  test.each([
    [0.2, [4, 5]],
    [0.3, [4, 5]],
    [0.5, [4, 5, 6, 7, 8]],
    [0.05, [4, 5]],
    [1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]
  ])('%d of the time steps: whole episodes, best first, at least one', (timestepShare, expected) => {
    expect(rows({ keep: 'timesteps', timestepShare })).toEqual(expected)
  })

  test.each([
    [0.25, [4, 5]],
    [0.5, [4, 5, 6, 7, 8]],
    [0.1, [4, 5]],
    [1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]
  ])('%d of the episodes', (episodeShare, expected) => {
    expect(rows({ keep: 'episodes', episodeShare })).toEqual(expected)
  })

  test('episodes from a return upwards, the bound included', () => {
    expect(rows({ keep: 'return', minimumReturn: 3 })).toEqual([4, 5, 6, 7, 8])
    expect(rows({ keep: 'return', minimumReturn: -1 })).toHaveLength(9)
  })

  test('nothing below every return: it says what the best is', () => {
    expect(() => rows({ keep: 'return', minimumReturn: 6 })).toThrow(UserError)
    expect(() => rows({ keep: 'return', minimumReturn: 6 })).toThrow(/at least 6; the best has 5/)
  })
})
