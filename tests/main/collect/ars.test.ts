import { describe, expect, it } from 'vitest'
import { learnByArs } from '../../../src-main/collect/ars/learn.ts'
import { updated } from '../../../src-main/collect/ars/search.ts'
import { arsSettings, arsSettingsFor } from '../../../src-main/collect/ars/settings.ts'
import { openBehaviour } from '../../../src-main/collect/behaviourPolicy.ts'
import { mean } from '../../../src-main/base/moments.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { environmentById } from '../../../src-main/environments/index.ts'
import { line, nothing } from './line.ts'

const near =
  (digits: number) =>
  (value: number): unknown =>
    expect.closeTo(value, digits)

async function learned(seed: number, steps: number) {
  const request = {
    ...{ environment: line, engine: await engineById('onnx'), seed, steps, checkpointEvery: 320 },
    ...{ evaluationEpisodes: 10, settings: arsSettings.parse({ noise: 0.2, stepSize: 0.2 }) },
    onEpisode: () => undefined,
    lived: nothing
  }
  const behaviours = []
  for await (const { behaviour } of learnByArs(request)) behaviours.push(behaviour)
  return behaviours
}

describe('the update of ARS', () => {
  it('follows the directions whose better end was paid most, by the deviation of their returns', () => {
    const direction = (at: number) => Float64Array.from({ length: 3 }, (_, i) => (i === at ? 1 : 0))
    const trials = [
      { direction: direction(0), plus: 1, minus: 2 },
      { direction: direction(1), plus: 10, minus: 4 },
      { direction: direction(2), plus: 0, minus: 12 }
    ]
    // Paid: 10, 4, 0, 12; mean 6.5, variance (3.5^2 + 2.5^2 + 6.5^2 + 5.5^2) / 4 = 22.75.
    const share = 0.5 / (2 * Math.sqrt(22.75))
    const after = updated(Float64Array.of(1, 1, 1), trials, arsSettings.parse({ top: 2, stepSize: 0.5 }))
    expect([...after]).toEqual([1, 1 + 6 * share, 1 - 12 * share].map(near(12)))
  })

  it('stays where all were paid the same', () => {
    const same = [{ direction: Float64Array.of(1), plus: 3, minus: 3 }]
    expect([...updated(Float64Array.of(2), same, arsSettings.parse({}))]).toEqual([2])
  })
})

describe('ARS', () => {
  it('learns a task that a few thousand steps are enough for', async () => {
    const behaviours = await learned(0, 9600)
    const returns = behaviours.map(({ returns: all }) => mean(all))
    expect(returns.at(-1)).toBeGreaterThan(returns[0] + 1)
    expect(returns.at(-1)).toBeGreaterThan(-2)
  })

  it('gives a behaviour that acts as any other, by a network without hidden layers', async () => {
    const behaviour = (await learned(1, 640)).at(-1)!
    const policy = await openBehaviour(behaviour, await engineById('onnx'), 2)
    const actions = await policy.act(Float32Array.of(0.5, -2))
    await policy.close()
    const [[weight], [centre], [width]] = [
      behaviour.actor['actor/0/kernel'].data,
      behaviour.scale.mean,
      behaviour.scale.deviation
    ]
    const wanted = [0.5, -2].map(x => (weight * (x - centre)) / width)
    expect([...actions]).toEqual(wanted.map(near(5)))
  })

  it('takes the pay for standing off where a robot has it', () => {
    const settings = (id: string) => arsSettingsFor(environmentById(id)!, {})
    expect(settings('hopper-v2')).toMatchObject({ aliveBonus: 1, stepSize: 0.01 })
    expect(settings('walker2d-v2')).toMatchObject({ aliveBonus: 1, stepSize: 0.03, directions: 40, top: 30 })
    expect(settings('halfcheetah-v2')).toMatchObject({ aliveBonus: 0, directions: 32 })
    expect(settings('pendulum')).toMatchObject({ aliveBonus: 0, directions: 8 })
  })
})
