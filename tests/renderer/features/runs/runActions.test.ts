import { expect, test } from 'vitest'
import type { Run } from '../../../../src-preload/contract/runs.ts'
import { runColumns } from '../../../../src-renderer/features/runs/runColumns.ts'
import { filterRows, sortRows } from '../../../../src-renderer/ui/gridRows.ts'
import {
  applicable,
  queuePlaces,
  shareDone,
  stepsPerSecond
} from '../../../../src-renderer/features/runs/runActions.ts'

const run = (more: Partial<Run>): Run =>
  ({
    id: 'r',
    name: 'iql seed 3',
    groupName: 'IQL',
    experimentName: 'first',
    algorithm: 'iql',
    datasetName: 'Crossroads',
    state: 'running',
    seed: 3,
    archived: false,
    progress: { step: 50, totalSteps: 200, stepsPerSecond: 10, secondsLeft: 15 },
    finalReturn: null,
    finalScore: null,
    bestReturn: null,
    queuePosition: null,
    createdAt: 0,
    ...more
  }) as Run

test('an action applies to the runs whose state allows it', () => {
  const runs = [run({ id: 'a' }), run({ id: 'b', state: 'finished' }), run({ id: 'c', state: 'interrupted' })]
  expect(applicable('pause', runs).map(entry => entry.id)).toEqual(['a'])
  expect(applicable('resume', runs).map(entry => entry.id)).toEqual(['c'])
  expect(applicable('archive', runs).map(entry => entry.id)).toEqual(['b', 'c'])
})

test('progress is a share between 0 and 1', () => {
  expect(shareDone(run({}))).toBe(0.25)
  expect(shareDone(run({ progress: { step: 0, totalSteps: 0 } as Run['progress'] }))).toBe(0)
})

test('a place in the queue counts the runs that still wait, whatever started before them', () => {
  const runs = [
    run({ id: 'a', state: 'running', queuePosition: 0 }),
    run({ id: 'c', state: 'queued', queuePosition: 5 }),
    run({ id: 'b', state: 'queued', queuePosition: 3 })
  ]
  expect([...queuePlaces(runs)]).toEqual([
    ['b', 1],
    ['c', 2]
  ])
  const left = runColumns(runs, id => id).find(({ key }) => key === 'left')
  expect(runs.map(entry => left?.format?.(entry))).toEqual(['15 s', '2. in queue', 'next'])
})

test('a run that has not stepped yet has no speed', () => {
  expect(stepsPerSecond(run({}))).toBe(10)
  const progress = { step: 0, totalSteps: 200, stepsPerSecond: 0 } as Run['progress']
  expect(stepsPerSecond(run({ state: 'queued', progress }))).toBeNull()
})

const columns = runColumns([], id => id)

test('the time left is a column only while a run is under way', () => {
  const keys = (shown: Run[]) => runColumns(shown, id => id).map(column => column.key)
  expect(keys([run({ state: 'finished' })])).not.toContain('left')
  expect(keys([run({ state: 'finished' }), run({ state: 'running' })])).toContain('left')
})

test('the table filters and sorts by what its cells show', () => {
  const rows = [
    run({ id: 'a', finalReturn: 'NaN' }),
    run({ id: 'b', finalReturn: 2 }),
    run({ id: 'c', finalReturn: 3, state: 'failed' })
  ]
  const ids = (found: readonly Run[]) => found.map(entry => entry.id)
  expect(ids(sortRows(rows, columns, { key: 'finalReturn', descending: true }))).toEqual(['c', 'b', 'a'])
  expect(ids(filterRows(rows, columns, 'crossroads -failed'))).toEqual(['a', 'b'])
})
