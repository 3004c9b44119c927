import { expect, test } from 'vitest'
import type { Run, SeedsInOneGraph } from '../../../src-preload/contract/runs.ts'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { unitsOf } from '../../../src-main/training/grouping.ts'

const config = algorithmById('iql').schema.parse({})
const engine = { id: 'onnx', version: '1', threads: 1, device: 'CPU', precision: 'float32' as const }

function run(id: string, seed: number, change: Partial<Run> = {}): Run {
  return {
    ...{ id, seed, experimentId: 'e', datasetId: 'd', environmentId: null, algorithm: 'iql', config },
    ...{ precision: 'float32', engine: null, startedAt: null, progress: { lastCheckpointStep: null } },
    ...change
  } as unknown as Run
}

/** The ids of each unit; `+` joins those of one graph. */
function units(runs: readonly Run[], seedsInOneGraph: SeedsInOneGraph, gpu = false): string[] {
  const wanted = { engine: 'onnx', threads: 0, seedsInOneGraph }
  return unitsOf(
    runs,
    () => wanted,
    () => gpu
  ).map(unit => unit.runs.map(({ id }) => id).join('+') + (unit.stacked ? ' stacked' : ''))
}

const seeds = [run('a', 0), run('b', 1), run('c', 2)]

test('seeds come together when asked for, by themselves on graphics devices only, and never when not wanted', () => {
  expect(units(seeds, 'on')).toEqual(['a+b+c stacked'])
  expect(units(seeds, 'auto', true)).toEqual(['a+b+c stacked'])
  expect(units(seeds, 'auto')).toEqual(['a', 'b', 'c'])
  expect(units(seeds, 'off', true)).toEqual(['a', 'b', 'c'])
  expect(units([seeds[0]], 'on')).toEqual(['a'])
})

test('numbers of the method may differ; shapes, data, schedules and steps may not', () => {
  const other = (change: Record<string, unknown>) => run('z', 3, { config: { ...config, ...change } })
  expect(units([seeds[0], other({ expectile: 0.9, criticLearningRate: 1e-3 })], 'on')).toEqual([
    'a+z stacked'
  ])
  for (const change of [
    { hiddenSizes: [8] },
    { batchSize: 32 },
    { rewardScaling: 'minusOne' },
    { dropout: 0.1 },
    { logEvery: 10 },
    { learningRateSchedule: 'constant' }
  ])
    expect(units([seeds[0], other(change)], 'on')).toEqual(['a', 'z'])
  expect(units([seeds[0], run('z', 1, { experimentId: 'other' })], 'on')).toEqual(['a', 'z'])
})

test('what began in one graph goes on so, with those at its step, in the same order', () => {
  const at = (id: string, seed: number, step: number, id2 = 'onnx') =>
    run(id, seed, {
      ...{ startedAt: 1, engine: { ...engine, id: id2, lanes: 3 } },
      progress: { lastCheckpointStep: step } as Run['progress']
    })
  const queue = [at('c', 2, 50), at('a', 0, 50), at('b', 1, 100)]
  expect(units(queue, 'off')).toEqual(['a+c stacked', 'b stacked'])
  // Where bits depend on the number of runs anyway, a run alone need not pay for two places.
  expect(units([at('b', 1, 100, 'tensorflow')], 'on')).toEqual(['b'])
})

test('a run that began alone stays alone, and a graph has 32 runs at most', () => {
  expect(units([run('a', 0, { engine, startedAt: 1 }), ...seeds.slice(1)], 'on')).toEqual([
    'a',
    'b+c stacked'
  ])
  const many = Array.from({ length: 40 }, (_, seed) => run(`r${seed}`, seed))
  expect(units(many, 'on').map(unit => unit.split('+').length)).toEqual([32, 8])
})
