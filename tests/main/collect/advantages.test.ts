import { describe, expect, it } from 'vitest'
import { generalisedAdvantages } from '../../../src-main/collect/ppo/advantages.ts'

const lane = (ended: number[], terminated: number[], nextValues: number[]) => ({
  rewards: Float32Array.from([1, 2, 3]),
  values: Float32Array.from([0.5, 0.25, 1]),
  nextValues: Float32Array.from(nextValues),
  ended: Uint8Array.from(ended),
  terminated: Uint8Array.from(terminated)
})
const discount = 0.5
const lambda = 0.5

describe('generalised advantages', () => {
  it('sum the discounted errors of an episode that goes on, and bootstrap at its cut', () => {
    const { advantages, targets } = generalisedAdvantages(
      lane([0, 0, 0], [0, 0, 0], [0, 0, 4]),
      discount,
      lambda
    )
    // deltas: 1 + .5 x .25 - .5 = .625; 2 + .5 x 1 - .25 = 2.25; 3 + .5 x 4 - 1 = 4
    expect([...advantages]).toEqual([0.625 + 0.25 * (2.25 + 0.25 * 4), 2.25 + 0.25 * 4, 4])
    expect([...targets]).toEqual([...advantages].map((value, t) => value + [0.5, 0.25, 1][t]))
  })

  it('see nothing beyond a termination', () => {
    const { advantages } = generalisedAdvantages(lane([0, 1, 0], [0, 1, 0], [0, 9, 4]), discount, lambda)
    expect([...advantages]).toEqual([0.625 + 0.25 * 1.75, 1.75, 4])
  })

  it('bootstrap with the value of the last observation where time ended an episode', () => {
    const { advantages } = generalisedAdvantages(lane([0, 1, 0], [0, 0, 0], [0, 8, 4]), discount, lambda)
    expect(advantages[1]).toBe(2 + 0.5 * 8 - 0.25)
  })
})
