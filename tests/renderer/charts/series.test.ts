import { expect, test } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { encodeColumn } from '../../../src-preload/contract/values.ts'
import type { Point, Series } from '../../../src-preload/contract/metrics.ts'
import { boardSections, filterMetrics, pairMetrics } from '../../../src-renderer/charts/board.ts'
import { emptySeries, extend, lineOf, withSmoothed } from '../../../src-renderer/charts/seriesData.ts'
import {
  defaultBoardSettings,
  metricSpec,
  withHeldOut,
  type RunStyle
} from '../../../src-renderer/charts/specs.ts'
import { useSeries } from '../../../src-renderer/charts/useSeries.ts'

const point = (step: number, value: Point['value'], runId = 'r1'): Point => ({
  runId,
  key: 'k',
  step,
  seconds: step / 10,
  value
})
const floats = (...values: number[]) => encodeColumn(Float64Array.from(values))
const series = (runId: string, key: string): Series => ({
  runId,
  key,
  steps: floats(1, 2),
  seconds: floats(0.1, 0.2),
  values: floats(5, 6),
  minimum: floats(5, 6),
  maximum: floats(5, 6),
  raw: true,
  total: 2,
  nonFiniteSteps: floats(),
  nonFiniteValues: floats(),
  seams: [],
  cursor: 7
})

test('live points extend a series once, however often they arrive', () => {
  const once = extend(emptySeries('r1', 'k'), [point(1, 1), point(2, 'NaN')])
  expect([...once.steps]).toEqual([1])
  expect([...once.nonFiniteSteps]).toEqual([2])
  expect(extend(once, [point(1, 1), point(2, 'NaN')])).toBe(once)
})

test('a board loads a wanted metric for all runs and follows it live', async () => {
  const asked: string[][] = []
  let push: (points: Point[]) => void = () => {}
  const client = {
    metrics: {
      keys: () => Promise.resolve([]),
      series: ({ runIds, key }: { runIds: string[]; key: string }) => {
        asked.push(runIds)
        return Promise.resolve(runIds.map(id => series(id, key)))
      },
      follow: async function* () {
        const points = await new Promise<Point[]>(resolve => (push = resolve))
        yield { cursor: 8, points }
        await new Promise(() => {})
      }
    }
  }
  const scope = effectScope()
  const ids = ref(Array.from({ length: 14 }, (_, i) => `r${i}`))
  const newKeys: string[] = []
  const board = scope.run(() =>
    useSeries(client as never, () => ids.value, {
      error: error => {
        throw error
      },
      newKey: key => newKeys.push(key),
      opened: () => Promise.resolve()
    })
  )!
  board.want('k')
  await expect.poll(() => board.seriesOf('k').size).toBe(14)
  expect(asked.map(part => part.length)).toEqual([12, 2])
  push([point(3, 9)])
  await expect.poll(() => [...(board.seriesOf('k').get('r1')?.values ?? [])]).toEqual([5, 6, 9])
  expect(newKeys).toEqual(['k'])
  ids.value = ['r5']
  await nextTick()
  await expect.poll(() => [...board.seriesOf('k').keys()]).toEqual(['r5'])
  scope.stop()
})

test('a binned line is smoothed by the host, a whole one here', async () => {
  const asked: { runIds: string[]; smoothing: number }[] = []
  const client = {
    metrics: {
      series: ({ runIds, key, smoothing = 0 }: { runIds: string[]; key: string; smoothing?: number }) => {
        asked.push({ runIds, smoothing })
        const values = smoothing > 0 ? { values: floats(5, 5.1) } : {}
        return Promise.resolve(runIds.map(id => ({ ...series(id, key), raw: id === 'whole', ...values })))
      },
      follow: async function* () {
        await new Promise(() => {})
        yield { cursor: 0, points: [] }
      }
    }
  }
  const scope = effectScope()
  const smoothing = ref(0)
  const events = { error: () => {}, newKey: () => {}, opened: () => Promise.resolve() }
  const board = scope.run(() =>
    useSeries(
      client as never,
      () => ['whole', 'binned'],
      events,
      () => smoothing.value
    )
  )!
  board.want('k')
  await expect.poll(() => board.seriesOf('k').size).toBe(2)
  smoothing.value = 0.9
  await expect.poll(() => asked.at(-1)).toEqual({ runIds: ['binned'], smoothing: 0.9 })
  await expect.poll(() => board.seriesOf('k').get('binned')?.smoothed?.weight).toBe(0.9)
  const y = (id: string) => [...lineOf(board.seriesOf('k').get(id)!, 'step', 0.9).y]
  expect(y('binned')).toEqual([5, 5.1])
  expect(y('whole')[1]).toBeCloseTo((0.1 * 0.9 * 5 + 0.1 * 6) / 0.19)
  scope.stop()
})

test('live points go on from the smoothed line of a binned series', () => {
  const binned = withSmoothed({ ...emptySeries('r1', 'k'), raw: false }, 0.5, series('r1', 'k'))
  const { y, x } = lineOf(extend(binned, [point(3, 8)]), 'step', 0.5)
  expect([...x]).toEqual([1, 2, 3])
  expect([...y]).toEqual([5, 6, 7])
})

const run = (runId: string, groupKey: string): RunStyle => ({
  runId,
  name: runId,
  colour: '#123',
  groupKey,
  groupName: groupKey
})
const data = (runId: string, values: number[]) =>
  extend(
    emptySeries(runId, 'k'),
    values.map((value, i) => point(i, value, runId))
  )

test('seeds of one group become one named line over quiet members', () => {
  const loaded = new Map([
    ['a', data('a', [0, 2])],
    ['b', data('b', [2, 4])],
    ['c', data('c', [9, 9])]
  ])
  const spec = metricSpec(loaded, [run('a', 'iql'), run('b', 'iql'), run('c', 'bc')], defaultBoardSettings)
  const named = spec.lines.filter(line => !line.quiet)
  expect(named.map(line => [line.name, ...line.y])).toEqual([
    ['iql', 1, 3],
    ['bc', 9, 9]
  ])
  expect(spec.lines.filter(line => line.quiet)).toHaveLength(2)
})

test('a smoothed line stands over its raw values', () => {
  const spec = metricSpec(new Map([['a', data('a', [0, 1])]]), [run('a', 'g')], {
    ...defaultBoardSettings,
    grouped: false,
    smoothing: 0.5
  })
  expect(spec.lines.map(line => line.quiet ?? false)).toEqual([true, false])
  expect(spec.lines[0]?.y[1]).toBe(1)
  expect(spec.lines[1]?.y[1]).toBeCloseTo(0.5 / 0.75)
})

const metric = (key: string, section: 'evaluation' | 'losses') => ({
  key,
  title: key,
  description: '',
  unit: null,
  higherIsBetter: null,
  section,
  count: 1,
  last: 0,
  lastStep: 0,
  nonFinite: 0
})

test('the board puts the return first and leaves empty sections out', () => {
  const metrics = [
    metric('train/criticLoss', 'losses'),
    metric('eval/length', 'evaluation'),
    metric('eval/return', 'evaluation')
  ]
  const keys = boardSections(metrics).map(section => section.metrics.map(entry => entry.info.key))
  expect(keys).toEqual([['eval/return', 'eval/length'], ['train/criticLoss']])
  expect(filterMetrics(metrics, 'CRITIC loss')).toHaveLength(1)
})

test('a metric on training and on held-out rows is one chart with a dashed twin', () => {
  const metrics = [metric('heldOut/a', 'losses'), metric('train/a', 'losses'), metric('heldOut/b', 'losses')]
  const pairs = pairMetrics(metrics).map(entry => [entry.info.key, entry.heldOut?.key ?? null])
  expect(pairs).toEqual([
    ['train/a', 'heldOut/a'],
    ['heldOut/b', null]
  ])
  const one = metricSpec(new Map([['a', data('a', [0, 2])]]), [run('a', 'iql')], defaultBoardSettings)
  const both = withHeldOut(one, one)
  expect(both.lines.map(line => [line.name, line.dash ?? 'solid'])).toEqual([
    ['iql', 'solid'],
    ['iql, held out', 'dashed']
  ])
})
