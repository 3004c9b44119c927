import { expect, test } from 'vitest'
import type { ImportQuestion } from '../../../../src-preload/contract/datasets.ts'
import { encodeColumn } from '../../../../src-preload/contract/values.ts'
import {
  dimensionLine,
  episodeCharts,
  episodeData,
  firstDimensions
} from '../../../../src-renderer/features/datasets/episodeLines.ts'
import { boundsProblem, numberOrNull } from '../../../../src-renderer/features/datasets/filterBounds.ts'
import {
  answerProblem,
  chosenOf,
  defaultAnswers,
  openQuestions,
  toggleChosen
} from '../../../../src-renderer/features/datasets/importAnswers.ts'
import { heatPixels, mapFrame, pathPoints } from '../../../../src-renderer/features/datasets/mapFrame.ts'
import {
  boundsText,
  cardEntries,
  endReasonText,
  formatText,
  percentText
} from '../../../../src-renderer/features/datasets/words.ts'
import { dataset } from '../../support.ts'

const question = (more: Partial<ImportQuestion>): ImportQuestion => ({
  id: 'q',
  text: '',
  help: '',
  options: ['a', 'b', 'c'].map(value => ({ value, label: value })),
  default: null,
  input: 'choice',
  ...more
})

test('questions with a default are answered at first, the others keep the import open', () => {
  const questions = [question({ id: 'x', default: 'a' }), question({ id: 'y' })]
  const answers = defaultAnswers(questions)
  expect(answers).toEqual({ x: 'a' })
  expect(openQuestions(questions, answers).map(open => open.id)).toEqual(['y'])
  expect(openQuestions(questions, { ...answers, y: 'b' })).toEqual([])
})

test('"none" is an answer although its value is empty', () => {
  const none = question({ default: '', options: [{ value: '', label: 'none' }] })
  expect(openQuestions([none], defaultAnswers([none]))).toEqual([])
})

test('several names travel as a list in the order of the file', () => {
  const many = question({ input: 'multiple', default: '["c","a"]' })
  expect(chosenOf('["c","a"]')).toEqual(['c', 'a'])
  expect(chosenOf('c, a')).toEqual(['c', 'a'])
  expect(toggleChosen(many, '["c"]', 'a')).toBe('["a","c"]')
  expect(answerProblem(many, toggleChosen(many, '["c"]', 'c'))).not.toBeNull()
})

test('typed numbers are checked before they are sent', () => {
  const bounds = question({ input: 'numbers', options: [] })
  expect(answerProblem(bounds, '-1, 1')).toBeNull()
  expect(answerProblem(bounds, '-1, one')).toContain('one')
  expect(answerProblem(bounds, ' ')).not.toBeNull()
})

test('bounds of a filter', () => {
  expect(numberOrNull(' ')).toBeNull()
  expect(boundsProblem('', '', false)).toBeNull()
  expect(boundsProblem('1', '0', false)).not.toBeNull()
  expect(boundsProblem('1.5', '', true)).not.toBeNull()
  expect(boundsProblem('abc', '', false)).toContain('abc')
})

test('a dimension of an episode is a line, with what is not finite marked apart', () => {
  const line = dimensionLine(Float32Array.of(1, 10, NaN, 20, 3, 30), 2, 0, 'x', '#000')
  expect([...line.x]).toEqual([0, 2])
  expect([...line.y]).toEqual([1, 3])
  expect([...(line.nonFinite?.x ?? [])]).toEqual([1])
})

test('an episode has one observation more than actions', () => {
  const data = episodeData({
    index: 4,
    observations: encodeColumn(Float32Array.of(0, 1, 2, 3, 4, 5), [3, 2]),
    actions: encodeColumn(Int32Array.of(1, 0)),
    rewards: encodeColumn(Float32Array.of(0, 1)),
    endReason: 'terminated',
    return: 1,
    positions: null,
    positionsFrom: null
  })
  expect(data).toMatchObject({ index: 4, steps: 2, observationSize: 2, actionSize: 1 })
  const shown = { observations: new Set([1]), actions: firstDimensions(1) }
  const charts = episodeCharts(data, dataset(), shown, ['#111111', '#222222'])
  expect(charts.observations.lines.map(line => [line.name, [...line.y]])).toEqual([['y', [1, 3, 5]]])
  expect(charts.actions.lines).toHaveLength(1)
  expect(charts.actions.lines[0]?.points).toBeUndefined()
  // Between two choices there is nothing that a line could show.
  const discrete = dataset({ actionSpace: { kind: 'discrete', count: 2, start: 0 } })
  expect(episodeCharts(data, discrete, shown, ['#111111']).actions.lines[0]?.points).toBe(true)
  expect(charts.rewards.xRange).toEqual([0, 2])
})

test('one unit of a place is as wide as it is high', () => {
  const frame = mapFrame({ low: -1, high: 1 }, { low: 0, high: 1 }, 1000, 500, true)
  const wide = frame.toX(0.5) - frame.toX(0)
  const high = frame.toY(0) - frame.toY(0.5)
  expect(wide).toBeCloseTo(high, 9)
  expect(frame.toY(1)).toBeLessThan(frame.toY(0))
  expect(pathPoints(Float32Array.of(-1, 0), frame)).toBe(
    `${frame.left.toFixed(1)},${(frame.top + frame.height).toFixed(1)}`
  )
})

test('the picture of visits has its first row at the bottom, and nothing where nobody was', () => {
  const pixels = heatPixels(Int32Array.of(5, 0, 0, 0), 2, [1, 2, 3])
  expect([...pixels.slice(8, 12)]).toEqual([1, 2, 3, 255])
  expect(pixels[3]).toBe(0)
})

test('words for what data hold', () => {
  expect(percentText(0.0004)).toBe('< 0.1 %')
  expect(percentText(0)).toBe('0 %')
  expect(percentText(0.695)).toBe('69.5 %')
  expect(endReasonText({ terminated: 1200, truncated: 0, cut: 3, unknown: 0 })).toBe(
    '1,200 terminated, 3 cut'
  )
  expect(boundsText(dataset().actionSpace)).toBe('[−1, 1]')
  expect(boundsText({ kind: 'discrete', count: 3, start: 0 })).toBe('0 to 2')
})

test('a card reads as words: no underscores, no brackets, nothing empty', () => {
  expect(
    cardEntries({
      algorithm_name: 'PPO',
      author: '["lab A", "lab B"]',
      author_email: '["none"]',
      note: '',
      odd: '[1'
    })
  ).toEqual([
    ['algorithm name', 'PPO'],
    ['author', 'lab A, lab B'],
    ['odd', '[1']
  ])
  expect([formatText('minari-hdf5'), formatText('later')]).toEqual(['Minari (HDF5)', 'later'])
})
