import { expect, test } from 'vitest'
import { buildColumns } from '../../../src-main/datasets/build.ts'
import { fromPolicyActions, toUnitActions } from '../../../src-main/datasets/normalise.ts'
import { normaliserSchema } from '../../../src-main/datasets/normaliser.ts'
import { drawBatches, usableRows } from '../../../src-main/datasets/sampler.ts'
import { splitEpisodes } from '../../../src-main/datasets/split.ts'
import { prepareTraining } from '../../../src-main/datasets/trainingView.ts'
import { episode, loaded, small } from './make.ts'

const raw = { normalizeObservations: false, rewardScaling: 'none', heldOutShare: 0 } as const
const column = (view: { columns: Readonly<Record<string, { data: Float32Array }>> }, name: string) =>
  Array.from(view.columns[name].data)

test('rows, successors and ends of a small dataset, worked out by hand', () => {
  const { training, heldOut, problem } = prepareTraining(loaded(small()), raw)
  expect(problem).toEqual({
    observationSize: 1,
    action: { kind: 'continuous', size: 1 },
    unboundedActions: false
  })
  expect(column(training, 'observations')).toEqual([0, 1, 10, 20, 21])
  // The last row has no next observation: its own, marked.
  expect(column(training, 'nextObservations')).toEqual([1, 2, 11, 21, 21])
  expect(column(training, 'hasNextObservation')).toEqual([1, 1, 1, 1, 0])
  // Bounds are +-2 and actions are clipped: 3 becomes 1.
  expect(column(training, 'actions')).toEqual([0.5, 1, -1, 0, 1])
  expect(column(training, 'nextActions')).toEqual([1, 0, 0, 1, 0])
  expect(column(training, 'hasNextAction')).toEqual([1, 0, 0, 1, 0])
  expect(column(training, 'rewards')).toEqual([1, 2, -1, 4, 5])
  expect(column(training, 'nonTerminal')).toEqual([1, 0, 1, 1, 1])
  expect(training.episodes).toEqual([
    { firstRow: 0, length: 2, endReason: 'terminated', rawReturn: 3 },
    { firstRow: 2, length: 1, endReason: 'truncated', rawReturn: -1 },
    { firstRow: 3, length: 2, endReason: 'cut', rawReturn: 9 }
  ])
  expect(heldOut.rowCount).toBe(0)
})

test('observations are normalised by the acting rows of the training part, next observations alike', () => {
  const { training, normaliser } = prepareTraining(loaded(small()), { ...raw, normalizeObservations: true })
  const rows = [0, 1, 10, 20, 21]
  const mean = rows.reduce((sum, x) => sum + x, 0) / 5
  const deviation = Math.sqrt(rows.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 5)
  expect(normaliser.observations?.mean[0]).toBeCloseTo(mean, 6)
  column(training, 'nextObservations').forEach((value, row) =>
    expect(value).toBeCloseTo(([1, 2, 11, 21, 21][row] - mean) / (deviation + 1e-3), 5)
  )
})

test.each([
  ['returnRange', (r: number) => (1000 * r) / (9 - -1)],
  ['minusOne', (r: number) => r - 1],
  ['standardize', (r: number) => r / Math.sqrt([1, 2, -1, 4, 5].reduce((s, x) => s + (x - 2.2) ** 2, 0) / 5)]
] as const)('reward scaling %s', (rewardScaling, expected) => {
  const { training } = prepareTraining(loaded(small()), { ...raw, rewardScaling })
  column(training, 'rewards').forEach((value, row) =>
    expect(value).toBeCloseTo(expected([1, 2, -1, 4, 5][row]), 3)
  )
})

test('actions outside the bounds: rescaled to what the data holds, or left unbounded', () => {
  const space = { kind: 'continuous' as const, size: 1, low: [-2], high: [2], shareOutside: 0.2 }
  const rescaled = prepareTraining(loaded(small(), { actionSpace: { ...space, outside: 'rescale' } }), raw)
  expect(column(rescaled.training, 'actions').map(a => Math.round(a * 1e6) / 1e6)).toEqual([
    0.2, 1, -1, -0.2, 0.6
  ])
  const unbounded = prepareTraining(loaded(small(), { actionSpace: { ...space, outside: 'unbounded' } }), raw)
  expect(column(unbounded.training, 'actions')).toEqual([0.5, 1.5, -1, 0, 1])
  expect(unbounded.problem.unboundedActions).toBe(true)
  expect(Array.from(fromPolicyActions(unbounded.normaliser, Float32Array.of(1.5)))).toEqual([3])
  expect(Array.from(fromPolicyActions(rescaled.normaliser, Float32Array.of(9)))).toEqual([3])
})

test('the normaliser survives JSON and its maps are inverse', () => {
  const { normaliser } = prepareTraining(loaded(small()), { ...raw, normalizeObservations: true })
  const copy = normaliserSchema.parse(JSON.parse(JSON.stringify(normaliser)))
  expect(copy).toEqual(normaliser)
  expect(Array.from(fromPolicyActions(copy, toUnitActions(copy, Float32Array.of(-2, 0.5, 2))))).toEqual([
    -2, 0.5, 2
  ])
})

test('discrete actions become one-hot rows, and logits an argmax', () => {
  const columns = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: false }, [
    episode({ observations: Float32Array.of(1, 2, 3), actions: Float32Array.of(2, 0), rewards: null })
  ])
  const data = loaded(columns, { actionSpace: { kind: 'discrete', count: 3, start: 0 }, hasRewards: false })
  const { training, normaliser } = prepareTraining(data, raw)
  expect(column(training, 'actions')).toEqual([0, 0, 1, 1, 0, 0])
  expect(column(training, 'nextActions')).toEqual([1, 0, 0, 0, 0, 0])
  expect(column(training, 'rewards')).toEqual([0, 0])
  expect(Array.from(fromPolicyActions(normaliser, Float32Array.of(0, 5, 1, 3, 2, 1)))).toEqual([1, 0])
})

const many = () =>
  buildColumns(
    { observationSize: 1, actionSize: 1, hasRewards: true },
    Array.from({ length: 40 }, (_, i) =>
      episode({
        observations: Float32Array.of(i, i),
        actions: Float32Array.of(0),
        rewards: Float32Array.of((i * 17) % 40)
      })
    )
  )

test('held-out episodes are stratified by return and depend on the dataset only', () => {
  const split = splitEpisodes(many(), 'id', 0.1)
  expect(split.heldOut.length).toBe(4)
  const strata = Array.from(split.heldOut, i => Math.floor(((i * 17) % 40) / 10)).sort()
  expect(strata).toEqual([0, 1, 2, 3])
  expect([...split.training, ...split.heldOut].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, i) => i)
  )
  expect(splitEpisodes(many(), 'id', 0.1)).toEqual(split)
  const others = ['b', 'c', 'd'].map(id => splitEpisodes(many(), id, 0.1).heldOut)
  expect(others.some(held => held.join() !== split.heldOut.join())).toBe(true)
})

test('normaliser and reward scaling see the training part only', () => {
  const { normaliser, training, heldOut } = prepareTraining(loaded(many()), {
    normalizeObservations: true,
    rewardScaling: 'returnRange',
    heldOutShare: 0.5
  })
  expect(training.rowCount).toBe(20)
  expect(heldOut.rowCount).toBe(20)
  const mean = Array.from(training.episodeIndices).reduce((sum, i) => sum + i, 0) / 20
  expect(normaliser.observations?.mean[0]).toBeCloseTo(mean, 6)
  const first = heldOut.episodeIndices[0]
  expect(heldOut.columns.observations.data[0]).toBeCloseTo(
    (first - mean) / normaliser.observations!.scale[0],
    5
  )
})

test('one episode stays for training whatever the share', () => {
  const one = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: true }, [
    episode({ observations: Float32Array.of(1, 2), actions: Float32Array.of(0) })
  ])
  expect(splitEpisodes(one, 'id', 0.5).training.length).toBe(1)
})

test('rows without a next observation are drawn only where nothing is bootstrapped', () => {
  const { training } = prepareTraining(loaded(small()), raw)
  expect(Array.from(usableRows(training, null, false))).toEqual([0, 1, 2, 3, 4])
  expect(Array.from(usableRows(training, null, true))).toEqual([0, 1, 2, 3])
  expect(() => usableRows(training, Int32Array.of(4), true)).toThrow(/none of the 5 training rows/)
})

test('batches depend on seed and step, not on how steps are grouped, and reach every row', () => {
  const rows = Int32Array.of(3, 5, 8)
  const at = (firstStep: number, steps: number, seed = 7) =>
    Array.from(drawBatches(rows, { seed, firstStep, steps, batchSize: 5 }))
  expect(at(0, 4)).toEqual([...at(0, 1), ...at(1, 3)])
  expect(at(0, 4)).not.toEqual(at(0, 4, 8))
  expect(new Set(at(0, 20))).toEqual(new Set([3, 5, 8]))
})
