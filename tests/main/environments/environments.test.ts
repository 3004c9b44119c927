import { beforeAll, describe, expect, it } from 'vitest'
import { environmentInfo } from '../../../src-preload/contract/algorithms.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { randomController, scriptedExperts } from '../../../src-main/environments/controllers.ts'
import { environmentById, environments } from '../../../src-main/environments/index.ts'
import { recordEpisode } from '../../../src-main/environments/recipes/recipe.ts'
import { measuredReferences } from '../../../src-main/environments/scoreReferences.ts'
import { measureReference } from '../../../src-main/evaluation/measure.ts'

describe.each(environments)('$id', environment => {
  beforeAll(async () => environment.prepare?.())
  const play = (seed: number) =>
    recordEpisode(environment, randomController(environment), new RandomSequence(seed, 'play'), 'random')

  it('describes itself completely', () => {
    expect(environmentInfo.parse(environment.info)).toEqual(environment.info)
    expect(environment.info.id).toBe(environment.id)
    expect(environment.info.observationNames).toHaveLength(environment.observationSize)
    const { actions } = environment
    expect(environment.info.actionNames).toHaveLength(
      actions.kind === 'continuous' ? actions.size : actions.count
    )
    expect(environment.info.maxSteps).toBe(environment.maxSteps)
    const { scoreReference: scale } = environment.info
    if (scale !== null) expect(scale.high).toBeGreaterThan(scale.low)
    const map = environment.info.map
    if (map !== null) expect(Math.max(map.x, map.y)).toBeLessThan(environment.observationSize)
  })

  it('repeats an episode for a seed', { timeout: 30_000 }, () => {
    expect(play(3)).toEqual(play(3))
    // seeds differ in their actions even where the start is fixed
    expect(play(4).actions).not.toEqual(play(3).actions)
  })

  it('goes on from a copied state as from the original', () => {
    const random = new RandomSequence(9, 'copy')
    const state = new Float64Array(environment.stateSize)
    environment.reset(state, random)
    const act = randomController(environment)
    const action = new Float32Array(environment.actions.kind === 'continuous' ? environment.actions.size : 1)
    for (let t = 0; t < 3; t++) {
      act(state, action, random, t)
      environment.step(state, action, random)
    }
    const copy = Float64Array.from(state)
    const position = random.position
    const original = environment.step(state, action, random)
    const restored = environment.step(copy, action, new RandomSequence(9, 'copy', position))
    expect(restored).toEqual(original)
    expect(copy).toEqual(state)
  })

  it('truncates at its horizon and terminates before it', { timeout: 30_000 }, () => {
    // a robot's episode takes up to a second
    const seeds = environment.robot === undefined ? 40 : 2
    for (let seed = 0; seed < seeds; seed++) {
      const episode = play(seed)
      expect(episode.observations).toHaveLength((episode.length + 1) * environment.observationSize)
      if (episode.endReason === 'truncated') expect(episode.length).toBe(environment.maxSteps)
    }
  })

  const isMeasured = environment.id in measuredReferences
  it.runIf(isMeasured)('has score references that measuring again confirms', { timeout: 30_000 }, () => {
    const reference = measuredReferences[environment.id as keyof typeof measuredReferences]
    const measured = measureReference(environment, 1000, 0)
    // the same episodes again; the margin is for the last digits of sines on other machines
    const margin = (deviation: number) => 0.02 * deviation + 0.006
    expect(Math.abs(measured.low.mean - reference.low)).toBeLessThanOrEqual(margin(reference.lowDeviation))
    expect(Math.abs(measured.high.mean - reference.high)).toBeLessThanOrEqual(margin(reference.highDeviation))
    expect(Math.abs(measured.low.deviation - reference.lowDeviation)).toBeLessThanOrEqual(
      margin(reference.lowDeviation)
    )
    expect(Math.abs(measured.high.deviation - reference.highDeviation)).toBeLessThanOrEqual(
      margin(reference.highDeviation)
    )
  })
})

describe('published behaviour', () => {
  // random -1234 and swing-up -150 for Pendulum, 23 and 500 for CartPole, -33 and 95.8 for the mountain car
  it.each([
    ['pendulum', -1234, -150],
    ['cartpole', 23, 500],
    ['mountaincar-continuous', -33, 95.8]
  ])('of %s lies near the returns known from Gymnasium', (id, low, high) => {
    const reference = measuredReferences[id as keyof typeof measuredReferences]
    expect(Math.abs(reference.low - low)).toBeLessThan(0.1 * reference.lowDeviation)
    expect(Math.abs(reference.high - high)).toBeLessThanOrEqual(0.1 * reference.highDeviation + 0.1)
  })

  it('has a scripted expert wherever the score scale is measured', () => {
    expect(Object.keys(scriptedExperts).sort()).toEqual(Object.keys(measuredReferences).sort())
  })

  it('takes the score scale of every other environment from elsewhere', () => {
    const others = environments.filter(({ id }) => !(id in measuredReferences))
    for (const { info } of others) {
      if (info.scoreReference !== null) expect(info.scoreReference.source).toContain('D4RL')
    }
  })
})

describe('environmentById', () => {
  it('finds environments by id only when they exist', () => {
    expect(environmentById('pendulum')?.maxSteps).toBe(200)
    expect(environmentById('Pendulum-v1')).toBeUndefined()
  })
})
