import { expect, test } from 'vitest'
import type { Run } from '../../../../src-preload/contract/runs.ts'
import { runColumns } from '../../../../src-renderer/features/runs/runColumns.ts'
import { filterRows, sortRows } from '../../../../src-renderer/ui/gridRows.ts'
import { applicable, shareDone } from '../../../../src-renderer/features/runs/runActions.ts'

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
