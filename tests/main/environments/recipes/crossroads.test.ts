import { describe, expect, it } from 'vitest'
import { crossroads, places } from '../../../../src-main/environments/crossroads.ts'
import { walkThrough } from '../../../../src-main/environments/controllers.ts'
import { crossroadsDemonstrations } from '../../../../src-main/environments/recipes/crossroads.ts'
import { recordEpisode } from '../../../../src-main/environments/recipes/recipe.ts'
import { RandomSequence } from '../../../../src-main/base/random.ts'

const returnsFromS = (waypoints: (typeof places)[keyof typeof places][], episodes = 100) =>
  Array.from({ length: episodes }, (_, seed) =>
    recordEpisode(crossroads, walkThrough(waypoints), new RandomSequence(seed, 'oracle'), 'oracle')
  )

describe('crossroads demonstrations', () => {
  it.each([0, 1, 2])('hold 84, 40 and 76 episodes that end as planned (seed %i)', seed => {
    const { episodes } = crossroadsDemonstrations.generate(seed)
    const count = (source: string, outcome: string) =>
      episodes.filter(episode => episode.source === source && episode.outcome === outcome).length
    expect([
      count('S to C to X', 'dead end'),
      count('T to C to G', 'goal'),
      count('S to M', 'consolation')
    ]).toEqual([84, 40, 76])
    expect(episodes).toHaveLength(200)
    expect(episodes.reduce((sum, episode) => sum + episode.return, 0) / 200).toBeCloseTo(0.352, 12)
    const transitions = episodes.reduce((sum, episode) => sum + episode.length, 0)
    expect(Math.abs(transitions - 3450)).toBeLessThan(50)
    expect(episodes.every(episode => episode.endReason === 'terminated')).toBe(true)
  })

  it('hold no episode that starts near S and reaches the goal', () => {
    const { episodes } = crossroadsDemonstrations.generate(5)
    const fromS = episodes.filter(
      episode => Math.abs(episode.observations[0] + 0.8) < 0.1 && Math.abs(episode.observations[1]) < 0.1
    )
    expect(fromS).toHaveLength(160)
    expect(fromS.some(episode => episode.outcome === 'goal')).toBe(false)
  })

  it('repeat for a seed and differ between seeds', () => {
    const [first, again, other] = [4, 4, 5].map(seed => crossroadsDemonstrations.generate(seed).episodes[0])
    expect(again).toEqual(first)
    expect(other.observations).not.toEqual(first.observations)
  })

  it('store actions no longer than 1, as the environment applies them', () => {
    const lengths = crossroadsDemonstrations
      .generate(0)
      .episodes.flatMap(({ actions, length }) =>
        Array.from({ length }, (_, t) => Math.hypot(actions[2 * t], actions[2 * t + 1]))
      )
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1 + 1e-6)
    expect(Math.min(...lengths)).toBeLessThan(0.9)
  })
})

describe('walkers in crossroads', () => {
  it('reach the goal from S over C in about 20 steps', () => {
    const walks = returnsFromS([places.crossing, places.goal])
    expect(walks.every(walk => walk.outcome === 'goal' && walk.return === 1)).toBe(true)
    const steps = walks.reduce((sum, walk) => sum + walk.length, 0) / walks.length
    expect(steps).toBeGreaterThan(16)
    expect(steps).toBeLessThan(22)
  })

  it('get stuck at a block on the straight way', () => {
    expect(returnsFromS([places.goal]).filter(walk => walk.outcome === 'goal').length).toBeLessThan(10)
  })
})
