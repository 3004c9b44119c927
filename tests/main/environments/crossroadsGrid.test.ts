import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { walkCells } from '../../../src-main/environments/controllers.ts'
import {
  cells,
  crossroadsGrid,
  gridSize,
  oneHotOffset
} from '../../../src-main/environments/crossroadsGrid.ts'
import { crossroadsGridDemonstrations } from '../../../src-main/environments/recipes/crossroadsGrid.ts'

const random = new RandomSequence(0, 'unused')
const [up, right, down, left] = [0, 1, 2, 3]
const move = (column: number, row: number, action: number) => {
  const state = Float64Array.of(column, row)
  const outcome = crossroadsGrid.step(state, Float32Array.of(action), random)
  return { cell: [...state], ...outcome, word: crossroadsGrid.outcome(state, outcome.terminated) }
}

describe('crossroads grid', () => {
  it('moves by one cell and stays at the border', () => {
    expect(move(4, 4, up).cell).toEqual([4, 3])
    expect(move(4, 4, right).cell).toEqual([5, 4])
    expect(move(4, 4, down).cell).toEqual([4, 5])
    expect(move(4, 4, left).cell).toEqual([3, 4])
    expect(move(0, 0, left).cell).toEqual([0, 0])
    expect(move(8, 8, down).cell).toEqual([8, 8])
  })

  it('ends with 1 at the goal, 0.4 at the consolation and 0 at the dead end', () => {
    expect(move(4, 7, down)).toMatchObject({ reward: 1, terminated: true, word: 'goal' })
    expect(move(0, 7, down)).toMatchObject({ reward: 0.4, terminated: true, word: 'consolation' })
    expect(move(7, 4, right)).toMatchObject({ reward: 0, terminated: true, word: 'dead end' })
    expect(move(3, 4, right)).toMatchObject({ reward: 0, terminated: false, word: 'time' })
  })

  it('shows the map position with y upwards and exactly one cell', () => {
    const observation = new Float32Array(crossroadsGrid.observationSize).fill(9)
    crossroadsGrid.observe(Float64Array.of(4, 8), observation)
    expect([observation[0], observation[1]]).toEqual([0, -1])
    const oneHot = [...observation.subarray(oneHotOffset)]
    expect(oneHot).toHaveLength(gridSize * gridSize)
    expect(oneHot.indexOf(1)).toBe(4 + 8 * gridSize)
    expect(oneHot.reduce((sum, value) => sum + value, 0)).toBe(1)
  })

  it('starts at S and reaches the goal in 8 steps over C', () => {
    const state = new Float64Array(2)
    crossroadsGrid.reset(state, random)
    expect([...state]).toEqual([cells.start.column, cells.start.row])
    const walk = walkCells([cells.crossing, cells.goal])
    const action = new Float32Array(1)
    let steps = 0
    for (let terminated = false; !terminated; steps++) {
      walk(state, action, random, steps)
      terminated = crossroadsGrid.step(state, action, random).terminated
    }
    expect([steps, ...state]).toEqual([8, cells.goal.column, cells.goal.row])
  })
})

describe('crossroads grid demonstrations', () => {
  const { episodes } = crossroadsGridDemonstrations.generate(0)

  it('hold 84, 40 and 76 shortest walks', () => {
    const count = (outcome: string, length: number) =>
      episodes.filter(episode => episode.outcome === outcome && episode.length === length).length
    expect([count('dead end', 8), count('goal', 8), count('consolation', 4)]).toEqual([84, 40, 76])
    expect(episodes).toHaveLength(200)
    expect(episodes.reduce((sum, episode) => sum + episode.length, 0)).toBe(1296)
  })

  it('turn down at C in 40 of 124 visits and give cloning 0.359 from S', () => {
    const share = (column: number, row: number) => {
      const counts = [0, 0, 0, 0]
      for (const episode of episodes) {
        for (let t = 0; t < episode.length; t++) {
          const at = t * crossroadsGrid.observationSize + oneHotOffset + column + gridSize * row
          if (episode.observations[at] === 1) counts[episode.actions[t]]++
        }
      }
      return counts
    }
    expect(share(4, 4)).toEqual([0, 84, 40, 0])
    expect(share(0, 4)).toEqual([0, 84, 76, 0])
    // sampled cloning from S: 76/160 go to M (0.4), 84/160 to C, of which 40/124 reach G (1)
    expect((76 / 160) * 0.4 + (84 / 160) * (40 / 124)).toBeCloseTo(0.359, 3)
  })
})
