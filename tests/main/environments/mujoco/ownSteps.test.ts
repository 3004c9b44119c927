/** Steps of our own models, taken when they agreed with the recordings of the originals: no later version may move otherwise. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { robotEnvironments } from '../../../../src-main/environments/mujoco/index.ts'
import { largestGap, preparedRobot, unused } from './prepared.ts'

interface OwnStep {
  readonly state: readonly number[]
  readonly action: readonly number[]
  readonly next: readonly number[]
  readonly reward: number
  readonly terminated: boolean
}

const file = new URL('../../../fixtures/environments/robotSteps.json', import.meta.url)
const { robots } = JSON.parse(readFileSync(file, 'utf8')) as { robots: Record<string, OwnStep[]> }

describe('our own steps', () => {
  it('are there for every robot and variant', () => {
    expect(Object.keys(robots)).toEqual(robotEnvironments.map(({ id }) => id))
  })

  it.each(Object.entries(robots))('of %s repeat to 1e-10', async (id, steps) => {
    const environment = await preparedRobot(id)
    for (const { state: before, action, next, reward, terminated } of steps) {
      const state = Float64Array.from(before)
      const outcome = environment.step(state, Float32Array.from(action), unused)
      expect(relativeGap(state, next)).toBeLessThan(1e-10)
      expect(Math.abs(outcome.reward - reward)).toBeLessThan(1e-10)
      expect(outcome.terminated).toBe(terminated)
    }
  })
})

/** The largest gap, of accelerations in the thousands relative to their size. */
function relativeGap(state: ArrayLike<number>, next: readonly number[]): number {
  const scaled = next.map(value => Math.max(1, Math.abs(value)))
  return largestGap(
    Array.from(next, (_, index) => state[index] / scaled[index]),
    next.map((value, index) => value / scaled[index])
  )
}
