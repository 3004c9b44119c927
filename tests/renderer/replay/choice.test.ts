import { expect, test } from 'vitest'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import {
  addable,
  addableDatasets,
  datasetOf,
  medianRun,
  newChoice,
  newEpisode,
  rankOf
} from '../../../src-renderer/features/replay/chooser.ts'
import { choicesOfRun, spread } from '../../../src-renderer/features/runs/rolloutViews.ts'
import { choicesText, parseChoices } from '../../../src-renderer/replay/address.ts'
import {
  distinctColours,
  episodeOf,
  evaluationOf,
  nextEpisode,
  resolveChoices,
  type TrackChoice
} from '../../../src-renderer/replay/trackChoice.ts'
import { run } from '../support.ts'
import { evaluation } from './support.ts'

const lists = [evaluation(100, [1, 5, 3]), evaluation(200, [9, 9, 9]), evaluation(300, [2, 2, 2], 0)]

test('an evaluation is meant by place, mean return or nearness, among those with kept episodes', () => {
  const stepOf = (choice: Parameters<typeof evaluationOf>[1]) => evaluationOf(lists, choice)?.step
  expect([stepOf('first'), stepOf('last'), stepOf('best'), stepOf(120)]).toEqual([100, 200, 200, 100])
  expect(evaluationOf([], 'last')).toBeNull()
})

test('an episode is meant by number or by return, a failed one being the worst', () => {
  const [first] = lists
  if (!first) throw new Error('none')
  const of = (choice: Parameters<typeof episodeOf>[1]) => episodeOf(first, choice)
  expect([of('best'), of('median'), of('worst'), of(1), of(40)]).toEqual([1, 2, 0, 1, 2])
  expect(episodeOf(evaluation(1, [5, NaN, 7]), 'worst')).toBe(1)
})

test('an address holds tracks and gives them back; what cannot be read is left out', () => {
  const choices: TrackChoice[] = [
    { kind: 'run', runId: 'a-1', step: 'last', episode: 0 },
    { kind: 'run', runId: 'b', step: 5000, episode: 'worst' },
    { kind: 'dataset', datasetId: 'd', episode: 12 }
  ]
  expect(parseChoices(choicesText(choices))).toEqual(choices)
  expect(parseChoices('run.a.last,run.<b>.1.1,data.d.x,else.a.1.1,')).toEqual([])
})

const context = (runs: readonly Run[]) => ({
  evaluations: new Map(runs.map(entry => [entry.id, lists])),
  run: (id: string) => runs.find(entry => entry.id === id) ?? null,
  datasetName: () => 'Data',
  colourOf: (colour: number) => `#${colour}`,
  palette: ['#1', '#2', '#3']
})
const named = (id: string, groupName: string, colour: number): Run => run({ id, groupName, colour, seed: 0 })

test('names tell step and start only where they differ, and colours stay apart', () => {
  const runs = context([named('a', 'IQL', 1), named('b', 'BC', 1)])
  const names = (choices: TrackChoice[]) => resolveChoices(choices, runs).map(request => request?.name)
  const at = (runId: string, step: 'first' | 'last', episode = 0): TrackChoice => ({
    kind: 'run',
    runId,
    step,
    episode
  })
  expect(names([at('a', 'last'), at('b', 'last')])).toEqual(['IQL · seed 0', 'BC · seed 0'])
  expect(names([at('a', 'first'), at('a', 'last', 1)])).toEqual([
    'IQL · seed 0, at 100, start 1',
    'IQL · seed 0, at 200, start 2'
  ])
  expect(resolveChoices([at('a', 'last'), at('b', 'last')], runs).map(request => request?.colour)).toEqual([
    '#1',
    '#2'
  ])
  expect(names([at('gone', 'last')])).toEqual([undefined])
  expect(distinctColours(['#1', '#1', '#1', '#1'], ['#1', '#2', '#3'])).toEqual(['#1', '#2', '#3', '#1'])
})

test('the next episode goes round its ends', () => {
  expect([
    nextEpisode(2, 1, [0, 1, 2]),
    nextEpisode(0, -1, [0, 1, 2]),
    nextEpisode('best', 1, [0, 1])
  ]).toEqual([0, 2, 0])
})

test('a run shows the starts of one evaluation, or one start through its training', () => {
  expect(choicesOfRun('r1', lists, 'starts', null, 0).map(choice => choice.episode)).toEqual([0, 1, 2])
  expect(choicesOfRun('r1', lists, 'starts', 90, 0)).toMatchObject([
    { step: 100 },
    { step: 100 },
    { step: 100 }
  ])
  expect(choicesOfRun('r1', lists, 'training', null, 2)).toMatchObject([
    { step: 100, episode: 2 },
    { step: 200, episode: 2 }
  ])
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 6)).toEqual([0, 2, 4, 6, 8, 10])
})

test('groups are offered by the seed of median return, and runs of other environments not at all', () => {
  const member = (id: string, seed: number, finalReturn: number): Run =>
    run({
      id,
      seed,
      finalReturn,
      groupKey: 'g',
      groupName: 'IQL',
      experimentId: 'e',
      experimentName: 'E',
      datasetName: 'D',
      environmentId: 'crossroads'
    })
  const members = [member('a', 0, 3), member('b', 1, 9), member('c', 2, 5)]
  expect(medianRun(members)?.id).toBe('c')
  const other = { ...member('x', 0, 1), environmentId: 'pendulum' }
  expect(addable([...members, other], 'crossroads').map(part => part.map(item => item.value))).toEqual([
    ['c'],
    ['a', 'b', 'c']
  ])
})

test('a run that is added twice plays another start', () => {
  const first = newChoice('a', null, null, [])
  expect(first).toEqual({ kind: 'run', runId: 'a', step: 'last', episode: 0 })
  expect(newChoice('a', 'last', 0, [first])).toMatchObject({ episode: 1 })
})

test('episodes of datasets of the same environment can be added, each once', () => {
  const dataset = (id: string, environmentId: string | null): Dataset =>
    ({ id, name: id, episodes: 3, environmentId }) as Dataset
  const all = [dataset('a', 'hopper-v2'), dataset('b', 'walker2d-v2'), dataset('c', null)]
  expect(addableDatasets(all, null).map(({ value }) => datasetOf(value))).toEqual(['a', 'b'])
  expect(addableDatasets(all, 'walker2d-v2').map(({ value }) => datasetOf(value))).toEqual(['b'])
  expect(datasetOf('run-1')).toBeNull()
  const first = newEpisode('a', [])
  expect(first).toEqual({ kind: 'dataset', datasetId: 'a', episode: 0 })
  expect(newEpisode('a', [first, newEpisode('b', [])])).toMatchObject({ episode: 1 })
})

test('an episode of a dataset is found by its place among all returns', () => {
  expect(rankOf('best', 5)).toMatchObject({ descending: true, offset: 0, limit: 1 })
  expect(rankOf('median', 5)).toMatchObject({ descending: false, offset: 2 })
  expect(rankOf('worst', 5)).toMatchObject({ descending: false, offset: 0 })
})
