import { describe, expect, it } from 'vitest'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { publishedDataset, publishedScores } from '../../../src-main/evaluation/publishedScores.ts'

const from = (name: string, environmentId: string | null = null, sourceName = '') =>
  publishedDataset({ name, sourceName, environmentId })

describe('publishedScores', () => {
  it('knows what CORL and the IQL paper report', () => {
    const scores = publishedScores('hopper-medium-replay-v2')
    expect(scores.map(({ algorithm, score, source }) => [algorithm, score, source])).toEqual([
      ['bc', 29.81, 'CORL'],
      ['filteredBc', 70.42, 'CORL'],
      ['awac', 98.88, 'CORL'],
      ['iql', 97.43, 'CORL'],
      ['iql', 94.7, 'IQL paper']
    ])
    expect(scores.every(({ citation }) => citation.includes('https://'))).toBe(true)
  })

  it('adds up to the published averages', () => {
    const locomotion = ['halfcheetah', 'hopper', 'walker2d'].flatMap(robot =>
      ['medium', 'medium-replay', 'medium-expert'].map(tier => `${robot}-${tier}-v2`)
    )
    const average = (names: readonly string[], algorithm: string, source: string) => {
      const found = names
        .flatMap(publishedScores)
        .filter(score => score.algorithm === algorithm && score.source === source)
      expect(found).toHaveLength(names.length)
      return found.reduce((sum, { score }) => sum + score, 0) / names.length
    }
    const columns = [
      ['bc', 50.4],
      ['filteredBc', 69.29],
      ['awac', 79.39],
      ['iql', 81.63]
    ] as const
    for (const [algorithm, mean] of columns) {
      expect(average(locomotion, algorithm, 'CORL')).toBeCloseTo(mean, 1)
      expect(() => algorithmById(algorithm)).not.toThrow()
    }
    expect(average(locomotion, 'iql', 'IQL paper') * 9).toBeCloseTo(692.4, 6)
    const mazes = ['umaze', 'medium', 'large'].map(maze => `maze2d-${maze}-v1`)
    expect(average(mazes, 'awac', 'CORL')).toBeCloseTo(121.92, 1)
    const ants = ['umaze', 'umaze-diverse', 'medium-play', 'medium-diverse', 'large-play', 'large-diverse']
    expect(
      average(
        ants.map(ant => `antmaze-${ant}-v2`),
        'iql',
        'CORL'
      )
    ).toBeCloseTo(57.17, 1)
    expect(ants.flatMap(ant => publishedScores(`antmaze-${ant}-v0`)).map(({ source }) => source)).toEqual(
      new Array(6).fill('IQL paper')
    )
  })

  it('knows nothing of other data', () => {
    expect(publishedScores('pendulum-mixed')).toEqual([])
  })
})

describe('publishedDataset', () => {
  it.each([
    ['hopper-medium-v2', 'hopper-medium-v2'],
    ['Hopper_medium_replay-v2.hdf5', 'hopper-medium-replay-v2'],
    ['D4RL/walker2d/medium-expert-v2', 'walker2d-medium-expert-v2'],
    ['maze2d-umaze-sparse-v1', 'maze2d-umaze-v1']
  ])('takes %s for %s itself', (name, published) => {
    expect(from(name)).toEqual({ name: published, same: true })
    expect(from('Some name', null, name)).toEqual({ name: published, same: true })
  })

  it.each([
    ['hopper-v2 medium-replay', 'hopper-v2', 'hopper-medium-replay-v2'],
    ['Walker made at home, medium', 'walker2d-v4', 'walker2d-medium-v2'],
    ['Maze2d U-maze, wandering', 'maze2d-umaze', 'maze2d-umaze-v1'],
    ['anything', 'maze2d-large-strict', 'maze2d-large-v1']
  ])('reads %s of %s beside %s, and says that it is other data', (name, environment, published) => {
    expect(from(name, environment)).toEqual({ name: published, same: false })
  })

  it.each([
    ['hopper-v2 expert', 'hopper-v2'],
    ['hopper-v2 medium-ppo63', 'hopper-v2'],
    ['hopper-v2 mixed-5 %', 'hopper-v2'],
    ['dense', 'maze2d-umaze-dense'],
    ['medium', 'pendulum'],
    ['medium', null]
  ])('finds nothing near %s of %s', (name, environment) => {
    expect(from(name, environment)).toBeNull()
  })
})
