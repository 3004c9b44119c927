import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { randomController } from '../../../src-main/environments/controllers.ts'
import type { Controller } from '../../../src-main/environments/controllers.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { maze2d, maze2dEnvironments, maze2dTasks } from '../../../src-main/environments/maze2d.ts'
import { walkToGoal } from '../../../src-main/environments/maze2dController.ts'
import { mazeLayouts, shortestWay } from '../../../src-main/environments/mazeLayouts.ts'
import type { MazeName } from '../../../src-main/environments/mazeLayouts.ts'
import { recordEpisode } from '../../../src-main/environments/recipes/recipe.ts'
import { mean, sampleDeviation } from '../../../src-main/evaluation/statistics.ts'

interface Returns {
  mean: number
  deviation: number
}
interface Recorded {
  freeSpace: { states: number[][]; actions: number[][] }[]
  randomReturns: Record<MazeName, { sparse: Returns; dense: Returns; episodes: number }>
}
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/environments/maze2d.json', import.meta.url), 'utf8')
) as Recorded

const none = new RandomSequence(0, 'none')
const names = Object.keys(mazeLayouts) as MazeName[]

function returnsOf(environment: Environment, make: () => Controller, episodes: number) {
  const returns = Array.from(
    { length: episodes },
    (_, i) => recordEpisode(environment, make(), new RandomSequence(i, environment.id), 'test').return
  )
  return {
    mean: mean(returns),
    deviation: sampleDeviation(returns),
    error: sampleDeviation(returns) / Math.sqrt(episodes)
  }
}

describe('maze2d', () => {
  it('moves in free space bit by bit as MuJoCo does, also above the speed limit and outside the action bounds', () => {
    const environment = maze2d('open', 'sparse')
    for (const { states, actions } of recorded.freeSpace) {
      const state = Float64Array.from(states[0])
      actions.forEach((action, t) => {
        environment.step(state, Float32Array.from(action), none)
        expect([...state]).toEqual(states[t + 1])
      })
    }
    const largest = Math.max(
      ...recorded.freeSpace.flatMap(({ states }) => states.map(row => Math.abs(row[3])))
    )
    expect(largest).toBeGreaterThan(5)
  })

  it('stops at a wall and slides along it', () => {
    const environment = maze2d('umaze', 'sparse')
    // the free square of cell (1, 1) ends 0.1 before the box of cell (0, 1), whose near side lies at 0.3
    const state = Float64Array.of(0.6, 1.5, 0, 0)
    for (let t = 0; t < 60; t++) environment.step(state, Float32Array.of(-1, 0.05), none)
    expect(state[0]).toBeCloseTo(0.4, 12)
    expect(state[2]).toBeCloseTo(0, 12)
    expect(state[3]).toBeGreaterThan(0.5)
  })

  it.each(names)('never lets the ball into a wall of %s', name => {
    const environment = maze2d(name, 'sparse')
    const maze = mazeLayouts[name]
    const random = new RandomSequence(5, name)
    const state = new Float64Array(4)
    for (let episode = 0; episode < 5; episode++) {
      environment.reset(state, random)
      const push = Float32Array.of(0, 0)
      for (let t = 0; t < 1000; t++) {
        // long pushes, so that the ball reaches its full speed
        if (t % 50 === 0) push.set([random.uniform(-1, 1), random.uniform(-1, 1)])
        environment.step(state, push, random)
        const gaps = maze.wallCells.map(({ row, column }) =>
          Math.hypot(
            Math.max(Math.abs(state[0] - row + 0.2) - 0.5, 0),
            Math.max(Math.abs(state[1] - column + 0.2) - 0.5, 0)
          )
        )
        expect(Math.min(...gaps)).toBeGreaterThan(0.1 - 1e-9)
      }
    }
  })

  it('pays 1 within half a metre of the goal, or exp(-distance), and never terminates', () => {
    const [sparse, dense] = [maze2d('medium', 'sparse'), maze2d('medium', 'dense')]
    const still = Float32Array.of(0, 0)
    const reward = (environment: Environment, x: number, y: number) => {
      const outcome = environment.step(Float64Array.of(x, y, 0, 0), still, none)
      expect(outcome.terminated).toBe(false)
      return outcome.reward
    }
    expect([reward(sparse, 6, 6), reward(sparse, 5.51, 6), reward(sparse, 5.49, 6)]).toEqual([1, 1, 0])
    expect(reward(dense, 4, 5)).toBeCloseTo(Math.exp(-Math.hypot(2, 1)), 12)
  })

  it('starts within 0.1 of a free cell, at every cell and slowly', () => {
    const environment = maze2d('large', 'sparse')
    const seen = new Set<string>()
    for (let seed = 0; seed < 400; seed++) {
      const state = new Float64Array(4)
      environment.reset(state, new RandomSequence(seed, 'reset'))
      const [row, column] = [Math.round(state[0]), Math.round(state[1])]
      expect(mazeLayouts.large.rows[row][column]).toBe('.')
      expect(Math.max(Math.abs(state[0] - row), Math.abs(state[1] - column))).toBeLessThanOrEqual(0.1)
      expect(Math.hypot(state[2], state[3])).toBeLessThan(0.6)
      seen.add(`${row} ${column}`)
    }
    expect(seen.size).toBe(mazeLayouts.large.freeCells.length)
  })

  it.each(names)('gives random actions in %s the returns of the original', name => {
    const { episodes, ...kinds } = recorded.randomReturns[name]
    for (const kind of ['sparse', 'dense'] as const) {
      const environment = maze2d(name, kind)
      const ours = returnsOf(environment, () => randomController(environment), 1000)
      const error = Math.hypot(ours.error, kinds[kind].deviation / Math.sqrt(episodes))
      expect(Math.abs(ours.mean - kinds[kind].mean)).toBeLessThan(3 * error)
    }
  })

  // samples of 100 episodes elsewhere: uniform actions, and a waypoint controller in MuJoCo
  it.each([
    ['umaze', 22, 218],
    ['medium', 19, 417],
    ['large', 17, 554]
  ] as const)('scores in %s near %d at random and near %d with the controller', (name, low, high) => {
    const environment = maze2d(name, 'sparse')
    const random = returnsOf(environment, () => randomController(environment), 400)
    const error = (deviation: number, own: number) => 3 * Math.hypot(own, deviation / Math.sqrt(100))
    expect(Math.abs(random.mean - low)).toBeLessThan(error(random.deviation, random.error))
    const walked = returnsOf(environment, () => walkToGoal(mazeLayouts[name], maze2dTasks[name].goal), 400)
    expect(Math.abs(walked.mean - high)).toBeLessThan(error(walked.deviation, walked.error))
  })

  it('draws walls and goal where they are', () => {
    const { map } = maze2d('umaze', 'sparse').info
    expect(map?.shapes).toHaveLength(25 - 7 + 1)
    expect(map?.shapes.find(({ kind }) => kind === 'goal')).toMatchObject({ x: 1, y: 1, width: 1, height: 1 })
    const [corner] = map?.shapes ?? []
    expect(corner).toMatchObject({ kind: 'block', x: -0.2, y: -0.2, width: 1, height: 1 })
    expect([map?.xRange, map?.yRange]).toEqual([
      [-0.7, 4.3],
      [-0.7, 4.3]
    ])
  })

  it('is scored by the references of D4RL', () => {
    const references = maze2dEnvironments.map(({ id, info }) => [
      id,
      info.maxSteps,
      info.scoreReference?.high
    ])
    expect(references).toEqual([
      ['maze2d-open', 150, 20.66],
      ['maze2d-umaze', 300, 161.86],
      ['maze2d-medium', 600, 277.39],
      ['maze2d-large', 800, 273.99],
      ['maze2d-open-dense', 150, 27.166538620695782],
      ['maze2d-umaze-dense', 300, 193.66285642381482],
      ['maze2d-medium-dense', 600, 297.4552547777125],
      ['maze2d-large-dense', 800, 303.4857382709002]
    ])
  })
})

describe('shortestWay', () => {
  const cell = (row: number, column: number) => ({ row, column })

  it('goes around walls', () => {
    const way = shortestWay(mazeLayouts.umaze, cell(3, 1), cell(1, 1))
    expect(way).toEqual([cell(3, 2), cell(3, 3), cell(2, 3), cell(1, 3), cell(1, 2), cell(1, 1)])
  })

  it('is empty where nothing is to do or no way leads', () => {
    expect(shortestWay(mazeLayouts.umaze, cell(1, 1), cell(1, 1))).toEqual([])
    expect(shortestWay(mazeLayouts.umaze, cell(1, 1), cell(0, 0))).toEqual([])
  })
})
