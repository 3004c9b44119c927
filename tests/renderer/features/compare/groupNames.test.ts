import { expect, test } from 'vitest'
import type { Comparison, ComparisonGroup } from '../../../../src-preload/contract/compare.ts'
import { withDistinctNames } from '../../../../src-renderer/features/compare/groupNames.ts'

const comparison = (names: string[], differences: Comparison['differences']): Comparison =>
  ({
    groups: names.map((name, i) => ({ name, groupKey: String(i) }) as ComparisonGroup),
    differences
  }) as Comparison

test('groups of one name take on the settings in which they differ, others keep theirs', () => {
  const named = withDistinctNames(
    comparison(
      ['IQL', 'BC', 'IQL'],
      [
        { field: 'algorithm', title: 'Algorithm', values: ['iql', 'bc', 'iql'] },
        { field: 'totalSteps', title: 'Steps', values: [2000, 2000, 500] },
        { field: 'dropout', title: 'Dropout', values: [0, 0.1, 0] }
      ]
    )
  )
  expect(named.groups.map(({ name }) => name)).toEqual(['IQL · Steps 2000', 'BC', 'IQL · Steps 500'])
})

test('a name carries at most two settings', () => {
  const differences = ['A', 'B', 'C'].map(title => ({ field: title, title, values: [1, 2] }))
  const named = withDistinctNames(comparison(['IQL', 'IQL'], differences))
  expect(named.groups.map(({ name }) => name)).toEqual(['IQL · A 1 · B 1', 'IQL · A 2 · B 2'])
})
