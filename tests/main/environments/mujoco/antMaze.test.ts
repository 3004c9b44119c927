import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { randomController } from '../../../../src-main/environments/controllers.ts'
import { mazeLayouts } from '../../../../src-main/environments/mazeLayouts.ts'
import { antMaze } from '../../../../src-main/environments/mujoco/antMaze.ts'
import type { AntMazeName } from '../../../../src-main/environments/mujoco/antMazeModel.ts'
import { recordEpisode } from '../../../../src-main/environments/recipes/recipe.ts'

interface Recorded {
  episodes: {
    maze: AntMazeName
    steps: { state: number[]; action: number[]; next: number[]; wallContacts: number }[]
  }[]
}
const recorded = JSON.parse(
  readFileSync(new URL('../../../fixtures/environments/antMaze.json', import.meta.url), 'utf8')
) as Recorded
const none = new RandomSequence(0, 'none')
const names: readonly AntMazeName[] = ['umaze', 'medium', 'large']

async function ready(name: AntMazeName, capsules: 'exact' | 'cylinder' = 'cylinder') {
  const environment = antMaze(name, capsules)
  await environment.prepare?.()
  return environment
}

describe('AntMaze', () => {
  it("repeats steps of D4RL's own model, on the floor, at walls and beyond the bounds of actions", async () => {
    let walls = 0
    for (const { maze, steps } of recorded.episodes) {
      const environment = await ready(maze, 'exact')
      for (const { state: before, action, next, wallContacts } of steps) {
        const state = new Float64Array(environment.stateSize)
        state.set(before)
        environment.step(state, Float32Array.from(action), none)
        next.forEach((value, i) => expect(Math.abs(state[i] - value)).toBeLessThan(1e-10))
        walls += wallContacts
      }
    }
    expect(walls).toBeGreaterThan(5)
  })

  it('weighs its capsules as the MuJoCo of the data did unless told otherwise', async () => {
    const [{ maze, steps }] = recorded.episodes
    const environment = await ready(maze)
    const state = new Float64Array(environment.stateSize)
    state.set(steps[0].state)
    environment.step(state, Float32Array.from(steps[0].action), none)
    const gap = Math.max(...steps[0].next.map((value, i) => Math.abs(state[i] - value)))
    expect(gap).toBeGreaterThan(1e-4)
  })

  it.each(names)(
    'observes joint positions and velocities in %s, 29 numbers, without the goal',
    async name => {
      const environment = await ready(name)
      expect(environment.observationSize).toBe(29)
      expect(environment.info.observationNames.slice(0, 4)).toEqual(['x', 'y', 'height', 'quaternion w'])
      expect(environment.info.observationNames.slice(15, 18)).toEqual([
        'velocity x',
        'velocity y',
        'velocity z'
      ])
      const state = new Float64Array(environment.stateSize)
      environment.reset(state, new RandomSequence(1, 'layout'))
      const observation = new Float32Array(29)
      environment.observe(state, observation)
      expect(observation).toEqual(Float32Array.from(state.subarray(0, 29)))
      const other = new Float64Array(environment.stateSize)
      expect(environment.robot?.setStateFromObservation(observation, other)).toBe(true)
      expect([...other.subarray(0, 29)]).toEqual([...observation])
    }
  )

  it.each([
    ['umaze', 0, 8, 700],
    ['medium', 20, 20, 1000],
    ['large', 32, 24, 1000]
  ] as const)(
    'starts in the first corner of %s and draws its goal at (%d, %d) plus up to 1.5 m',
    async (name, x, y, horizon) => {
      const environment = antMaze(name)
      expect(environment.maxSteps).toBe(horizon)
      const goals = Array.from({ length: 200 }, (_, seed) => {
        const state = new Float64Array(environment.stateSize)
        environment.reset(state, new RandomSequence(seed, 'goal'))
        expect(
          Math.max(Math.abs(state[0]), Math.abs(state[1]), Math.abs(state[2] - 0.75))
        ).toBeLessThanOrEqual(0.1)
        expect(Math.hypot(...state.subarray(3, 7))).toBeCloseTo(1, 12)
        return [state.at(-2) ?? NaN, state.at(-1) ?? NaN]
      })
      for (const axis of [0, 1]) {
        const offsets = goals.map(goal => goal[axis] - [x, y][axis])
        expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...offsets)).toBeLessThanOrEqual(1.5)
        const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length
        // the sum of uniforms up to 1 and 0.5 has a deviation of 0.32
        expect(Math.abs(mean - 0.75)).toBeLessThan((3 * 0.323) / Math.sqrt(200))
      }
    }
  )

  it('ends with 1 within half a metre of the goal and goes on with 0 outside, upright or not', async () => {
    const environment = await ready('umaze')
    const still = new Float32Array(8)
    const at = (x: number, y: number, z: number) => {
      const state = new Float64Array(environment.stateSize)
      const qpos = [x, y, z, 1, ...new Array<number>(11).fill(0)]
      environment.robot?.setState(qpos, new Array<number>(14).fill(0), state)
      state.set([1, 8.5], 43)
      const outcome = environment.step(state, still, none)
      return [outcome.reward, outcome.terminated, environment.outcome(state, outcome.terminated)]
    }
    expect(at(1.3, 8.2, 0.75)).toEqual([1, true, 'goal'])
    expect(at(1, 7.9, 0.75)).toEqual([0, false, 'time'])
    // an ant in the air has no healthy height to keep
    expect(at(4, 8, 1.6)).toEqual([0, false, 'time'])
  })

  it('stands between walls that are two metres high and four metres wide', async () => {
    const { robot, info } = antMaze('large')
    const walls = robot?.scene.geoms.filter(({ role }) => role === 'wall') ?? []
    expect(walls).toHaveLength(mazeLayouts.large.wallCells.length)
    expect(walls[0]).toMatchObject({ type: 'box', size: [2, 2, 1], position: [-4, -4, 1] })
    expect(info.map?.shapes.filter(({ kind }) => kind === 'block')).toHaveLength(walls.length)
    expect([info.map?.xRange, info.map?.yRange]).toEqual([
      [-6, 42],
      [-6, 30]
    ])
    expect(info.map?.shapes.find(({ kind }) => kind === 'goal')).toMatchObject({ x: 32.75, y: 24.75 })
  })

  it('is never solved by random actions, which do the same twice', { timeout: 60_000 }, async () => {
    const environment = await ready('umaze')
    const play = (seed: number) =>
      recordEpisode(environment, randomController(environment), new RandomSequence(seed, 'random'), 'random')
    const episodes = Array.from({ length: 8 }, (_, seed) => play(seed))
    expect(episodes.map(({ return: total, length }) => [total, length])).toEqual(
      Array.from({ length: 8 }, () => [0, 700])
    )
    expect(play(3)).toEqual(episodes[3])
  })
})
