import { describe, expect, it } from 'vitest'
import { learnByPpo } from '../../../src-main/collect/ppo/learn.ts'
import { ppoSettings } from '../../../src-main/collect/ppo/settings.ts'
import type { Behaviour } from '../../../src-main/collect/behaviour.ts'
import { mean } from '../../../src-main/base/moments.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { line, nothing } from './line.ts'

async function learned(seed: number, steps: number, signal?: AbortSignal): Promise<Behaviour[]> {
  const settings = ppoSettings.parse({ hiddenSizes: [16], lanes: 4, rolloutSteps: 256, learningRate: 3e-3 })
  const behaviours: Behaviour[] = []
  const request = {
    ...{ environment: line, engine: await engineById('onnx'), seed, steps, settings, signal },
    ...{ checkpointEvery: 256, evaluationEpisodes: 10, onEpisode: () => undefined, lived: nothing }
  }
  for await (const { behaviour } of learnByPpo(request)) behaviours.push(behaviour)
  return behaviours
}

describe('PPO', () => {
  it('learns a task that a few thousand steps are enough for', async () => {
    const behaviours = await learned(0, 5120)
    const returns = behaviours.map(({ returns: all }) => mean(all))
    expect(returns.at(-1)).toBeGreaterThan(returns[0] + 2)
    expect(returns.at(-1)).toBeGreaterThan(-2)
    expect(behaviours.at(-1)?.steps).toBe(5120)
  })

  it('gives the same policy for the same seed and another for another', async () => {
    const [first, again, other] = [await learned(1, 512), await learned(1, 512), await learned(2, 512)]
    expect(again).toEqual(first)
    expect(other.at(-1)?.actor).not.toEqual(first.at(-1)?.actor)
  })

  it('ends with what was reached when it is stopped', async () => {
    const stopping = new AbortController()
    stopping.abort()
    const behaviours = await learned(0, 5120, stopping.signal)
    expect(behaviours.map(({ steps }) => steps)).toEqual([256])
  })
})
