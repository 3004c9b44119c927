import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { ant } from '../../../../src-main/environments/mujoco/ant.ts'
import { robotEnvironment } from '../../../../src-main/environments/mujoco/robot.ts'

interface Recorded {
  qpos: number[]
  qvel: number[]
  actions: number[][]
  observations: number[][]
  rewards: number[]
}
/** Gym's Ant as of v2, stepped as MuJoCo 2 and later are: what it observes of contacts stays zero. Exact capsules. */
const recorded = JSON.parse(
  readFileSync(new URL('../../../fixtures/environments/ant111.json', import.meta.url), 'utf8')
) as Recorded

it("repeats the recorded 111 numbers and rewards of D4RL's Ant", async () => {
  const spec = ant('v2')
  const environment = robotEnvironment({ ...spec, model: { ...spec.model, capsuleInertia: 'exact' } })
  await environment.prepare?.()
  expect(environment.observationSize).toBe(111)
  const state = new Float64Array(environment.stateSize)
  environment.robot?.setState(recorded.qpos, recorded.qvel, state)
  const observation = new Float32Array(111)
  const random = new RandomSequence(0, 'none')
  recorded.actions.forEach((action, t) => {
    const { reward, terminated } = environment.step(state, Float32Array.from(action), random)
    expect(Math.abs(reward - recorded.rewards[t])).toBeLessThan(1e-6)
    const [height] = recorded.observations[t + 1]
    expect(terminated).toBe(height < 0.2 || height > 1)
    environment.observe(state, observation)
    recorded.observations[t + 1].forEach((value, i) =>
      expect(Math.abs(observation[i] - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)))
    )
    expect(observation.subarray(27).every(value => value === 0)).toBe(true)
  })
})
