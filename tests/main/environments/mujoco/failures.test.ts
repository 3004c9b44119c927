import { afterEach, describe, expect, it, vi } from 'vitest'
import { UserError } from '../../../../src-main/base/errors.ts'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { rollOut } from '../../../../src-main/evaluation/rollouts.ts'
import type { BatchPolicy } from '../../../../src-main/evaluation/rollouts.ts'
import { hopper } from '../../../../src-main/environments/mujoco/hopper.ts'
import { robotEnvironments } from '../../../../src-main/environments/mujoco/index.ts'
import { robotEnvironment } from '../../../../src-main/environments/mujoco/robot.ts'
import { preparedRobot, unused } from './prepared.ts'

const idle = (actionSize: number, episodes: number): BatchPolicy => ({
  act: () => Promise.resolve(new Float32Array(actionSize * episodes))
})

describe('an episode that explodes', () => {
  it.each(robotEnvironments.map(({ id }) => id))(
    'of %s ends as failed, beside episodes that go on',
    async id => {
      const environment = await preparedRobot(id)
      let starts = 0
      const faulty = {
        ...environment,
        reset(state: Float64Array, random: RandomSequence) {
          environment.reset(state, random)
          // as a policy that is no longer one would leave it
          if (starts++ === 1) state[environment.robot.positionSize] = 1e12
        }
      }
      const size = environment.info.actionNames.length
      const result = await rollOut(faulty, idle(size, 2), { episodes: 2, seed: 3, keep: 2 })
      expect(result.failedEpisodes).toBe(1)
      expect(result.outcomes[1]).toBe('failed')
      expect(result.returns[1]).toBeNaN()
      expect(result.lengths[1]).toBeLessThan(10)
      const healthy = await rollOut(environment, idle(size, 1), { episodes: 1, seed: 3, keep: 0 })
      expect(result.returns[0]).toBe(healthy.returns[0])
    }
  )

  it('shows what is not a number instead of starting anew', async () => {
    const environment = await preparedRobot('halfcheetah-v2')
    const state = new Float64Array(environment.stateSize)
    environment.reset(state, new RandomSequence(1, 'start'))
    state[3] = NaN
    const { reward } = environment.step(state, new Float32Array(6), unused)
    expect(state.subarray(0, 18).some(Number.isNaN)).toBe(true)
    expect(reward).toBeNaN()
  })
})

describe('MuJoCo', () => {
  afterEach(() => {
    vi.doUnmock('@mujoco/mujoco')
    vi.resetModules()
  })

  it('that cannot be loaded is an error for people, and is tried again', async () => {
    vi.resetModules()
    let attempts = 0
    vi.doMock('@mujoco/mujoco', () => ({
      default: () => {
        attempts++
        throw new Error('no memory for it')
      }
    }))
    const { mujocoModule } = await import('../../../../src-main/environments/mujoco/module.ts')
    for (const attempt of [1, 2]) {
      const error: unknown = await mujocoModule().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'UserError', code: 'unsupported' })
      expect((error as UserError).message).toContain('no memory for it')
      expect(attempts).toBe(attempt)
    }
  })

  it('is wanted before the first step', () => {
    const fresh = robotEnvironment(hopper('v4'))
    expect(() => fresh.step(new Float64Array(fresh.stateSize), new Float32Array(3), unused)).toThrow(
      'prepare()'
    )
  })
})
