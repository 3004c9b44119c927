import { expect, test } from 'vitest'
import type { Run } from '../../../../src-preload/contract/runs.ts'
import {
  experimentsOf,
  firstSelection,
  selectedIds,
  toggled
} from '../../../../src-renderer/features/compare/selection.ts'

const run = (id: string, experimentId: string, groupKey: string, seed: number): Run =>
  ({
    id,
    experimentId,
    experimentName: experimentId,
    groupKey,
    groupName: groupKey,
    seed,
    colour: 1,
    datasetId: 'd',
    datasetName: 'd'
  }) as Run
const runs = [
  run('a', 'new', 'iql', 1),
  run('b', 'new', 'iql', 0),
  run('c', 'new', 'bc', 0),
  run('d', 'old', 'bc', 0)
]

test('seeds of one configuration are one line, in the order of their seeds', () => {
  const [first, second] = experimentsOf(runs)
  expect(first?.datasets[0]?.groups.map(group => [group.name, group.runs.map(entry => entry.id)])).toEqual([
    ['iql', ['b', 'a']],
    ['bc', ['c']]
  ])
  expect(second?.datasets[0]?.groups).toHaveLength(1)
})

test('groups stand under the dataset they were trained on, whose name theirs does not repeat', () => {
  const on = (id: string, dataset: string): Run => ({
    ...run(id, 'ladder', 'iql', 0),
    datasetId: dataset,
    datasetName: dataset,
    groupName: `IQL on ${dataset}`
  })
  const [ladder] = experimentsOf([on('a', 'hopper'), on('b', 'walker')])
  expect(ladder?.datasets.map(({ name, groups }) => [name, groups.map(group => group.name)])).toEqual([
    ['hopper', ['IQL']],
    ['walker', ['IQL']]
  ])
})

test('a group is added as a whole and taken away only when all of it was in', () => {
  expect(toggled(['b'], ['a', 'b'])).toEqual(['b', 'a'])
  expect(toggled(['a', 'b', 'c'], ['a', 'b'])).toEqual(['c'])
})

test('a first visit shows the newest experiment; an address shows what still exists', () => {
  expect(firstSelection(runs)).toEqual(['a', 'b', 'c'])
  expect(selectedIds('c,gone,d', runs)).toEqual(['c', 'd'])
})

test('of an experiment with hundreds of runs a first visit shows whole groups, not all', () => {
  const many = Array.from({ length: 1000 }, (_, i) => run(`r${i}`, 'big', `g${i % 20}`, i))
  const first = firstSelection(many)
  expect(first).toHaveLength(100)
  expect(new Set(first.map(id => Number(id.slice(1)) % 20))).toEqual(new Set([0, 1]))
})
