import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { randomController } from '../../../../src-main/environments/controllers.ts'
import { maze2d } from '../../../../src-main/environments/maze2d.ts'
import { walkToGoal } from '../../../../src-main/environments/maze2dController.ts'
import { mazeLayouts } from '../../../../src-main/environments/mazeLayouts.ts'
import type { MazeName } from '../../../../src-main/environments/mazeLayouts.ts'
import { maze2dStrict } from '../../../../src-main/environments/mujoco/maze2dStrict.ts'
import { recordEpisode } from '../../../../src-main/environments/recipes/recipe.ts'

interface Recorded {
  walls: { maze: MazeName; start: number[]; actions: number[][]; everyTenth: number[][] }[]
}
const recorded = JSON.parse(
  readFileSync(new URL('../../../fixtures/environments/maze2d.json', import.meta.url), 'utf8')
) as Recorded
const none = new RandomSequence(0, 'none')

describe('maze2dStrict', () => {
  it('repeats recorded pushes along walls and into corners bit by bit', async () => {
    for (const { maze, start, actions, everyTenth } of recorded.walls) {
      const environment = maze2dStrict(maze, 'sparse')
      await environment.prepare?.()
      const state = Float64Array.from(start)
      for (let t = 1; t <= 160; t++) {
        environment.step(state, Float32Array.from(actions[Math.floor((t - 1) / 40)]), none)
        if (t % 10 === 0) expect([...state.subarray(0, 4)]).toEqual(everyTenth[t / 10 - 1])
      }
    }
  })

  it('moves bit by bit as the walls in TypeScript do until the first touch, and rewards alike', async () => {
    for (const reward of ['sparse', 'dense'] as const) {
      const [strict, plain] = [maze2dStrict('open', reward), maze2d('open', reward)]
      await strict.prepare?.()
      const state = new Float64Array(strict.stateSize)
      state.set([2, 3, 7, -6])
      const other = Float64Array.from(state.subarray(0, 4))
      const random = new RandomSequence(1, 'free')
      const act = randomController(plain)
      const action = new Float32Array(2)
      for (let t = 0; t < 25; t++) {
        act(other, action, random, t)
        expect(strict.step(state, action, none)).toEqual(plain.step(other, action, none))
        expect([...state.subarray(0, 4)]).toEqual([...other])
      }
    }
  })

  it('starts where the walls in TypeScript start, and brings the controller to the goal', async () => {
    const strict = maze2dStrict('umaze', 'sparse')
    await strict.prepare?.()
    const plain = maze2d('umaze', 'sparse')
    const [a, b] = [new Float64Array(strict.stateSize), new Float64Array(4)]
    strict.reset(a, new RandomSequence(3, 'reset'))
    plain.reset(b, new RandomSequence(3, 'reset'))
    expect([...a.subarray(0, 4)]).toEqual([...b])
    const controller = walkToGoal(mazeLayouts.umaze, { row: 1, column: 1 })
    const episode = recordEpisode(strict, controller, new RandomSequence(1, 'walk'), 'walk')
    expect(episode.outcome).toBe('at the goal')
    expect(episode.length).toBe(300)
    expect(episode.endReason).toBe('truncated')
  })

  it('names its contacts, keeps the map and shows its walls', () => {
    const { info, robot } = maze2dStrict('medium', 'dense')
    expect(info.id).toBe('maze2d-medium-strict-dense')
    expect(info.map).toEqual(maze2d('medium', 'dense').info.map)
    const walls = robot?.scene.geoms.filter(({ role }) => role === 'wall') ?? []
    expect(walls).toHaveLength(mazeLayouts.medium.wallCells.length)
    expect(info.scoreReference?.high).toBe(297.4552547777125)
  })
})
