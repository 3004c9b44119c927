import { formatSetting } from '../../../../src-renderer/charts/format.ts'
import { expect, test } from 'vitest'
import type { Comparison, ComparisonGroup, Statistic } from '../../../../src-preload/contract/compare.ts'
import type { Evaluation } from '../../../../src-preload/contract/evaluations.ts'
import { encodeColumn } from '../../../../src-preload/contract/values.ts'
import {
  comparisonCsv,
  intervalCell,
  meanCell,
  numberCell
} from '../../../../src-renderer/features/compare/resultCells.ts'
import { choicesOfGroups } from '../../../../src-renderer/features/compare/rolloutChoice.ts'
import { evaluationOf, type StepChoice } from '../../../../src-renderer/replay/trackChoice.ts'

const statistic = (values: number[]): Statistic => ({
  n: values.length,
  mean: values[0] ?? 'NaN',
  median: 1,
  standardDeviation: values.length > 1 ? 0.5 : 'NaN',
  interquartileMean: 1,
  low: 0.1,
  high: 1.9,
  values
})
const group = (name: string, runIds: string[], values: number[]): ComparisonGroup => ({
  groupKey: name,
  name,
  algorithm: 'iql',
  datasetId: 'd',
  colour: 2,
  runIds,
  seeds: [0],
  finalReturn: statistic(values),
  finalScore: null,
  finalLength: statistic(values),
  bestReturn: statistic(values),
  stepsPerSecond: statistic(values),
  unfinished: 0,
  broken: 0
})
const evaluation = (runId: string, step: number, rollouts: number[]): Evaluation => ({
  runId,
  step,
  at: 0,
  seconds: 0,
  returns: encodeColumn(Float64Array.of(1)),
  lengths: encodeColumn(Int32Array.of(1)),
  outcomes: ['goal'],
  meanReturn: 1,
  standardDeviation: 'NaN',
  meanLength: 1,
  score: null,
  failedEpisodes: 0,
  rollouts
})

test('a group without an evaluation shows dashes, one that ended in NaN shows it', () => {
  expect(numberCell(statistic([]), 'mean')).toBe('–')
  expect(numberCell({ ...statistic([1]), mean: 'NaN' }, 'mean')).toBe('NaN')
})

test('one seed shows no spread, and says that it has no interval', () => {
  expect(meanCell(statistic([1]))).toBe('1')
  expect(intervalCell(statistic([1]))).toBe('none: one seed')
  expect(intervalCell(statistic([]))).toBe('–')
  expect(meanCell(statistic([1, 2]))).toBe('1 ± 0.5')
  expect(meanCell(null)).toBe('–')
})

test('the CSV defuses names that a spreadsheet would run', () => {
  const comparison = { groups: [group('=cmd("x")', ['r'], [1])] } as unknown as Comparison
  expect(comparisonCsv(comparison).split('\n')[1]).toMatch(/^"'=cmd\(""x""\)"/)
})

test('settings read as text', () => {
  expect([
    formatSetting([64, 64]),
    formatSetting(true),
    formatSetting(undefined),
    formatSetting(3e-4)
  ]).toEqual(['64 × 64', 'yes', '–', '3e−4'])
})

test('rollouts of groups come from the same start and the nearest kept evaluation', () => {
  const lists = new Map([
    ['r1', [evaluation('r1', 100, [0, 1]), evaluation('r1', 200, [0, 1])]],
    ['r2', [evaluation('r2', 150, [0, 1]), evaluation('r2', 250, [])]]
  ])
  const groups = [group('a', ['r1'], [1]), group('b', ['missing', 'r2'], [1])]
  const runsAt = (step: StepChoice) => choicesOfGroups(groups, lists, step, 1)
  expect(runsAt('last')).toEqual([
    { kind: 'run', runId: 'r1', step: 'last', episode: 1 },
    { kind: 'run', runId: 'r2', step: 'last', episode: 1 }
  ])
  expect(evaluationOf(lists.get('r1') ?? [], 90)?.step).toBe(100)
  expect(evaluationOf(lists.get('r2') ?? [], 'last')?.step).toBe(150)
})
