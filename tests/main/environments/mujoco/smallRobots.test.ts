import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { invertedPendulum } from '../../../../src-main/environments/mujoco/invertedPendulum.ts'
import { reacher } from '../../../../src-main/environments/mujoco/reacher.ts'

interface Episode {
  qpos: number[]
  qvel: number[]
  observations: number[][]
  actions: number[][]
  rewards: number[]
  terminated: boolean[]
}
const recorded = JSON.parse(
  readFileSync(new URL('../../../fixtures/environments/smallRobots.json', import.meta.url), 'utf8')
) as Record<'reacher-v4' | 'inverted-pendulum-v4', Episode[]>
const none = new RandomSequence(0, 'none')

describe.each([
  ['reacher-v4', reacher],
  ['inverted-pendulum-v4', invertedPendulum]
] as const)('%s', (id, environment) => {
  it("repeats Gymnasium's recorded episodes: observations, rewards and ends", async () => {
    await environment.prepare?.()
    for (const episode of recorded[id]) {
      const state = new Float64Array(environment.stateSize)
      environment.robot?.setState(episode.qpos, episode.qvel, state)
      const observation = new Float32Array(environment.observationSize)
      const expectObservation = (row: readonly number[]) => {
        environment.observe(state, observation)
        row.forEach((value, i) =>
          expect(Math.abs(observation[i] - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)))
        )
      }
      expectObservation(episode.observations[0])
      episode.actions.forEach((action, t) => {
        const outcome = environment.step(state, Float32Array.from(action), none)
        expect(outcome.terminated).toBe(episode.terminated[t])
        // Gymnasium adds up the cost in float32
        expect(Math.abs(outcome.reward - episode.rewards[t])).toBeLessThan(1e-6)
        expectObservation(episode.observations[t + 1])
      })
      const last = episode.observations.at(-1) ?? []
      const [qpos, qvel] =
        id === 'reacher-v4' ? [last.slice(4, 6), last.slice(6, 8)] : [last.slice(0, 2), last.slice(2)]
      const velocities = environment.robot?.positionSize ?? 0
      const own = id === 'reacher-v4' ? state.subarray(2, 4) : state.subarray(0, 2)
      qpos.forEach((value, i) => expect(Math.abs(own[i] - value)).toBeLessThan(1e-10))
      qvel.forEach((value, i) => expect(Math.abs(state[velocities + i] - value)).toBeLessThan(1e-10))
    }
  })

  it('starts as described', () => {
    for (let seed = 0; seed < 50; seed++) {
      const state = new Float64Array(environment.stateSize)
      environment.reset(state, new RandomSequence(seed, 'reset'))
      const [positions, velocities] = id === 'reacher-v4' ? [0.1, 0.005] : [0.01, 0.01]
      const first = environment.robot?.positionSize ?? 0
      for (const i of [0, 1]) {
        expect(Math.abs(state[i])).toBeLessThanOrEqual(positions)
        expect(Math.abs(state[first + i])).toBeLessThanOrEqual(velocities)
      }
      if (id === 'reacher-v4') expect(Math.hypot(state[2], state[3])).toBeLessThan(0.2)
    }
  })
})

it('takes the state of the pendulum from its observation, and not that of the reacher, which shows too little', () => {
  const state = new Float64Array(invertedPendulum.stateSize)
  expect(invertedPendulum.robot?.setStateFromObservation([0.1, 0.2, 0.3, 0.4], state)).toBe(true)
  expect([...state.subarray(0, 4)]).toEqual([0.1, 0.2, 0.3, 0.4])
  expect(
    reacher.robot?.setStateFromObservation(new Array(11).fill(0.5), new Float64Array(reacher.stateSize))
  ).toBe(false)
})
