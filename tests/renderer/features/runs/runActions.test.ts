import { expect, test } from 'vitest'
import type { Run } from '../../../../src-preload/contract/runs.ts'
import { applicable, matchesRun, shareDone } from '../../../../src-renderer/features/runs/runActions.ts'

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
    progress: { step: 50, totalSteps: 200 },
    ...more
  }) as Run

test('an action applies to the runs whose state allows it', () => {
  const runs = [run({ id: 'a' }), run({ id: 'b', state: 'finished' }), run({ id: 'c', state: 'interrupted' })]
  expect(applicable('pause', runs).map(entry => entry.id)).toEqual(['a'])
  expect(applicable('resume', runs).map(entry => entry.id)).toEqual(['c'])
  expect(applicable('archive', runs).map(entry => entry.id)).toEqual(['b', 'c'])
})

test('the filter wants every word and knows seeds and negation', () => {
  expect(matchesRun(run({}), 'IQL crossroads')).toBe(true)
  expect(matchesRun(run({}), 'seed:3')).toBe(true)
  expect(matchesRun(run({}), 'iql -crossroads')).toBe(false)
  expect(matchesRun(run({}), '')).toBe(true)
})

test('progress is a share between 0 and 1', () => {
  expect(shareDone(run({}))).toBe(0.25)
  expect(shareDone(run({ progress: { step: 0, totalSteps: 0 } as Run['progress'] }))).toBe(0)
})
