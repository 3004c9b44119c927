import { describe, expect, it } from 'vitest'
import { recipe as recipeInfo } from '../../../../src-preload/contract/datasets.ts'
import { environmentById } from '../../../../src-main/environments/index.ts'
import { recipeById, recipes } from '../../../../src-main/environments/recipes/index.ts'
import type { RecordedEpisode } from '../../../../src-main/environments/recipes/recipe.ts'

const meanReturn = (episodes: readonly RecordedEpisode[]) =>
  episodes.reduce((sum, episode) => sum + episode.return, 0) / episodes.length
const generate = (id: string, seed = 0) => recipeById(id)?.generate(seed).episodes ?? []

describe.each(recipes)('recipe $id', recipe => {
  const data = recipe.generate(0)
  const environment = environmentById(recipe.environmentId)

  it('names itself and its environment', () => {
    expect(recipeInfo.parse(recipe)).toMatchObject({ id: recipe.id })
    expect(environment).toBeDefined()
    expect(data.environmentId).toBe(recipe.environmentId)
    expect(data.provenance.seed).toBe('0')
  })

  it('repeats for a seed, and differs for another', () => {
    expect(recipe.generate(0).episodes.slice(0, 5)).toEqual(data.episodes.slice(0, 5))
    const summary = (seed: number) =>
      recipe.generate(seed).episodes.map(episode => [episode.source, episode.return])
    expect(summary(1)).not.toEqual(summary(0))
  })

  it('records whole episodes with actions inside the bounds', () => {
    const width = environment?.observationSize ?? 0
    const actions = environment?.actions
    for (const episode of data.episodes) {
      expect(episode.observations).toHaveLength((episode.length + 1) * width)
      expect(episode.rewards).toHaveLength(episode.length)
      expect(episode.return).toBeCloseTo(
        episode.rewards.reduce((sum, reward) => sum + reward, 0),
        10
      )
      expect(episode.observations.every(Number.isFinite)).toBe(true)
      const inside =
        actions?.kind === 'discrete'
          ? episode.actions.every(action => Number.isInteger(action) && action >= 0 && action < actions.count)
          : episode.actions.every(
              (action, i) =>
                action >= (actions?.low[i % actions.size] ?? 0) &&
                action <= (actions?.high[i % actions.size] ?? 0)
            )
      expect(inside).toBe(true)
    }
  })
})

describe('qualities', () => {
  it('of the pendulum data fall with the share of uniform actions', () => {
    const episodes = [0, 1, 2, 3].flatMap(seed => generate('pendulum-mixed', seed))
    const returns = [10, 30, 50, 70].map(share =>
      meanReturn(episodes.filter(episode => episode.source.includes(`${share} %`)))
    )
    // 200 episodes each gave -157, -213, -495 and -773 elsewhere
    expect(returns[0]).toBeGreaterThan(-200)
    expect(returns[1]).toBeGreaterThan(-300)
    expect(Math.abs(returns[2] + 480)).toBeLessThan(90)
    expect(Math.abs(returns[3] + 770)).toBeLessThan(90)
  })

  it('of the narrow and the covering pendulum data differ in return and in spread of torque', () => {
    const [narrow, covering] = [generate('pendulum-narrow'), generate('pendulum-covering')]
    expect(meanReturn(narrow)).toBeGreaterThan(-200)
    expect(Math.abs(meanReturn(covering) + 490)).toBeLessThan(60)
    expect(narrow).toHaveLength(50)
    expect(covering.reduce((sum, episode) => sum + episode.length, 0)).toBe(10_000)
  })

  it('of the CartPole and mountain car data hold both successes and failures', () => {
    const outcomes = (id: string) => new Set(generate(id).map(episode => episode.outcome))
    expect(outcomes('cartpole-mixed')).toEqual(new Set(['fell', 'balanced']))
    expect(outcomes('mountaincar-mixed')).toEqual(new Set(['goal', 'time']))
    expect(generate('mountaincar-mixed').some(episode => episode.endReason === 'truncated')).toBe(true)
  })

  it('of the maze data come from wandering everywhere, with and without noise', () => {
    const episodes = generate('maze2d-umaze')
    const noisy = episodes.filter(({ source }) => source === 'wandering, noisy')
    expect(noisy).toHaveLength(100)
    expect(episodes.every(({ length, endReason }) => length === 300 && endReason === 'truncated')).toBe(true)
    const cells = new Set<string>()
    for (const { observations } of episodes)
      for (let at = 0; at < observations.length; at += 4)
        cells.add(`${Math.round(observations[at] + 0.2)} ${Math.round(observations[at + 1] + 0.2)}`)
    expect(cells.size).toBe(7)
    // nobody walks to the goal and stays there, which would earn more than 200
    expect(Math.max(...episodes.map(episode => episode.return))).toBeLessThan(150)
    expect(meanReturn(episodes)).toBeGreaterThan(10)
    const spread = (of: typeof episodes) => {
      const steps = of.flatMap(({ actions }) =>
        [...actions.slice(2)].map((value, i) => Math.abs(value - actions[i]))
      )
      return steps.reduce((sum, step) => sum + step, 0) / steps.length
    }
    expect(spread(noisy)).toBeGreaterThan(2 * spread(episodes.filter(episode => !noisy.includes(episode))))
  })
})
