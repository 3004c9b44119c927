import { expect, test } from 'vitest'
import type { Comparison, Statistic } from '../../../src-preload/contract/compare.ts'
import { describeComparison } from '../../../src-main/cli/commands/compare.ts'

const statistic = (n: number, number: Statistic['mean']): Statistic => ({
  ...{ n, mean: number, median: number, standardDeviation: number, interquartileMean: number },
  ...{ low: number, high: number, values: [] }
})

function rowOf(finalReturn: Statistic): string {
  const group = {
    ...{ groupKey: 'bc', name: 'BC', algorithm: 'bc', datasetId: 'd', colour: 0, runIds: ['r'], seeds: [0] },
    ...{ finalReturn, finalScore: null, finalLength: finalReturn, bestReturn: finalReturn },
    ...{ stepsPerSecond: statistic(1, 250), unfinished: 0, broken: 1 }
  }
  const comparison: Comparison = {
    ...{ groups: [group], differences: [], shared: [], references: [], warnings: [] },
    probabilityOfImprovement: [[0.5]]
  }
  return describeComparison(comparison).split('\n').at(-1)!
}

test('what no run has is a dash, a return that is NaN is shown', () => {
  expect(rowOf(statistic(0, 'NaN')).split(/\s+/)).toEqual([
    'BC',
    'bc',
    '0',
    ...Array<string>(6).fill('-'),
    '250'
  ])
  expect(rowOf(statistic(1, 'NaN')).split(/\s+/).slice(2, 4)).toEqual(['1', 'NaN'])
})
