import { describe, expect, it } from 'vitest'
import { Lane } from '../../../src-main/collect/lanes.ts'
import { learnByPpo } from '../../../src-main/collect/ppo/learn.ts'
import { ppoSettings } from '../../../src-main/collect/ppo/settings.ts'
import { learnBySac } from '../../../src-main/collect/sac/learn.ts'
import { sacSettings } from '../../../src-main/collect/sac/settings.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { line, nothing } from './line.ts'

/** The line, on which a push to the right of one half ends in no number. */
const exploding = (value: number): Environment => ({
  ...line,
  step: (state, action, random) => {
    if (state[0] < 0.5 || action[0] <= 0) return line.step(state, action, random)
    state[0] = value
    return { reward: value, terminated: false }
  }
})

describe('a simulation that explodes', () => {
  it.each([NaN, Infinity, 1e12])('ends the episode where it was, without pay: %s', value => {
    const lane = new Lane(exploding(value), 0, 'test')
    let ended = null
    while (ended === null) ({ ended } = lane.step(Float32Array.of(1)))
    const { length, observations, rewards, endReason } = ended
    expect(endReason).toBe('terminated')
    expect(length).toBeLessThan(line.maxSteps)
    expect(observations.at(-1)).toBe(observations.at(-2))
    expect(observations.at(-1)).toBeGreaterThanOrEqual(0.5)
    expect(rewards.at(-1)).toBe(0)
    expect([...observations, ...rewards].every(Number.isFinite)).toBe(true)
  })

  it('does not keep SAC from learning', async () => {
    const settings = sacSettings.parse({
      ...{ hiddenSizes: [8], batch: 32, startSteps: 160, updateEvery: 20, capacity: 400 }
    })
    const request = {
      ...{ environment: exploding(NaN), engine: await engineById('onnx'), seed: 0, steps: 320, settings },
      ...{ checkpointEvery: 320, evaluationEpisodes: 1, onEpisode: () => undefined, lived: nothing }
    }
    for await (const { saved } of learnBySac(request))
      expect([...saved['state/actor/0/kernel'].data].every(Number.isFinite)).toBe(true)
    expect.assertions(1)
  })
})

describe('networks that become no numbers', () => {
  const common = { environment: line, seed: 0, steps: 2000, checkpointEvery: 320, evaluationEpisodes: 1 }
  const toEnd = async (learning: AsyncGenerator<unknown>): Promise<void> => {
    for await (const _ of learning) {
      // Until it ends or fails.
    }
  }

  it('end a training by SAC with the step', async () => {
    const settings = sacSettings.parse({
      ...{ hiddenSizes: [8], batch: 32, startSteps: 160, updateEvery: 20, capacity: 4000, learningRate: 1e30 }
    })
    const engine = await engineById('onnx')
    const learning = learnBySac({ ...common, engine, settings, onEpisode: () => undefined, lived: nothing })
    await expect(toEnd(learning)).rejects.toThrow(/^gradient step \d+ of 20 after \d+ environment steps left/)
  })

  it('end a training by PPO with the step', async () => {
    const settings = ppoSettings.parse({ hiddenSizes: [8], rolloutSteps: 320, learningRate: 1e30 })
    const engine = await engineById('onnx')
    const learning = learnByPpo({ ...common, engine, settings, onEpisode: () => undefined, lived: nothing })
    await expect(toEnd(learning)).rejects.toThrow('numbers that are not finite; the checkpoints from before')
  })
})
