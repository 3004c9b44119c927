import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { crossroads, places } from '../../../src-main/environments/crossroads.ts'

const quiet = () => new RandomSequence(0, 'test')

/** One step from a place, several times so that the noise can be averaged out. */
function meanStep(from: number[], action: number[], draws = 400): number[] {
  const sum = [0, 0]
  const random = quiet()
  for (let i = 0; i < draws; i++) {
    const state = Float64Array.from(from)
    crossroads.step(state, Float32Array.from(action), random)
    sum[0] += state[0] / draws
    sum[1] += state[1] / draws
  }
  return sum
}

describe('crossroads', () => {
  it('moves by 0.4 of the action, with noise of standard deviation 0.02', () => {
    const [x, y] = meanStep([5, 5], [0.5, -0.25])
    expect(x).toBeCloseTo(5.2, 2)
    expect(y).toBeCloseTo(4.9, 2)
    const random = quiet()
    const xs = Array.from({ length: 2000 }, () => {
      const state = Float64Array.of(5, 5)
      crossroads.step(state, Float32Array.of(0, 0), random)
      return state[0] - 5
    })
    const deviation = Math.sqrt(xs.reduce((sum, value) => sum + value * value, 0) / xs.length)
    expect(deviation).toBeGreaterThan(0.0185)
    expect(deviation).toBeLessThan(0.0215)
  })

  it('caps the length of an action at 1', () => {
    const [x, y] = meanStep([5, 5], [3, 4])
    expect(x).toBeCloseTo(5 + 0.4 * 0.6, 2)
    expect(y).toBeCloseTo(5 + 0.4 * 0.8, 2)
  })

  it('cancels a move into a block and stops at the border', () => {
    const state = Float64Array.of(1.9, 2)
    crossroads.step(state, Float32Array.of(1, 0), quiet())
    expect([...state]).toEqual([1.9, 2])
    const corner = Float64Array.of(9.9, 9.9)
    crossroads.step(corner, Float32Array.of(1, 1), quiet())
    expect([...corner]).toEqual([10, 10])
  })

  it.each([
    ['goal', places.goal, 1],
    ['consolation', places.consolation, 0.4],
    ['dead end', places.deadEnd, 0]
  ] as const)('ends at the %s with its reward', (outcome, place, reward) => {
    const state = Float64Array.of(place.x, place.y + 0.8)
    expect(crossroads.step(state, Float32Array.of(0, -1), quiet())).toEqual({ reward, terminated: true })
    expect(crossroads.outcome(state, true)).toBe(outcome)
  })

  it('starts around S and shows positions scaled to [-1, 1]', () => {
    const observation = new Float32Array(2)
    for (let i = 0; i < 50; i++) {
      const state = new Float64Array(2)
      crossroads.reset(state, new RandomSequence(i, 'reset'))
      expect(Math.abs(state[0] - 1)).toBeLessThanOrEqual(0.3)
      expect(Math.abs(state[1] - 5)).toBeLessThanOrEqual(0.3)
      crossroads.observe(state, observation)
      expect(observation[0]).toBeCloseTo(state[0] / 5 - 1, 6)
      expect(observation[1]).toBeCloseTo(state[1] / 5 - 1, 6)
    }
  })

  it('draws its map in observation coordinates', () => {
    const shapes = crossroads.info.map?.shapes ?? []
    const goal = shapes.find(shape => shape.kind === 'goal')
    // centre and size of a circle of radius 0.6 at (5, 1), and of the block [2, 4] x [0, 4]
    const rounded = (values: (number | undefined)[]) =>
      values.map(value => Math.round((value ?? NaN) * 1000) / 1000)
    expect(rounded([goal?.x, goal?.y, goal?.width, goal?.height])).toEqual([0, -0.8, 0.24, 0.24])
    const [block] = shapes.filter(shape => shape.kind === 'block')
    expect(rounded([block.x, block.y, block.width, block.height])).toEqual([-0.4, -0.6, 0.4, 0.8])
  })
})
