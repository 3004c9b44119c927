import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import { buildColumns } from '../../../src-main/datasets/build.ts'
import { catalogueEntry } from '../../../src-main/datasets/catalogue.ts'
import {
  columnsFile,
  loadDataset,
  publishDataset,
  summaryFile,
  writeDataset
} from '../../../src-main/datasets/columns.ts'
import { makeFromRecipe } from '../../../src-main/datasets/derive.ts'
import { createDatasetLibrary, type DatasetLibrary } from '../../../src-main/datasets/library.ts'
import { dataset as datasetSchema } from '../../../src-preload/contract/datasets.ts'
import { description, episode, small } from './make.ts'

let root = ''
let library: DatasetLibrary
const nothing = () => {
  throw new Error('not used here')
}
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'library-'))
  library = createDatasetLibrary(root, { filter: nothing, combine: nothing, check: nothing })
})
afterEach(async () => {
  library.close()
  await rm(root, { recursive: true, force: true })
})

async function store(columns = small(), changes = {}): Promise<{ id: string; folder: string }> {
  const { id } = await writeDataset(join(root, 'staging'), { ...description, ...changes }, columns)
  return { id, folder: await publishDataset(join(root, 'staging'), root, id) }
}

test('the card says what the source said about itself', async () => {
  const card = { 'behaviour expert': 'PPO seed 2 after 471040 steps', seed: '2' }
  const { id } = await store(small(), { provenance: card })
  expect(await library.card({ id })).toEqual(card)
})

test('who asks for a check that is under way waits for the same one', async () => {
  const { id } = await store()
  const found = {
    ...{ source: 'states' as const, compared: 1, dimensions: 1, leftOut: [], variants: [] },
    ...{ fits: null, named: null, floor: null, sentence: 'no variant fits' }
  }
  let finish = (_: never): void => undefined
  const asked: string[] = []
  const check = (folder: string) => {
    asked.push(folder)
    return new Promise<never>(resolve => (finish = resolve))
  }
  const counting = createDatasetLibrary(root, { filter: nothing, combine: nothing, check })
  const both = [counting.checkDynamics({ id }), counting.checkDynamics({ id })]
  await expect.poll(() => asked.length).toBe(1)
  finish(found as never)
  const [first, second] = await Promise.all(both)
  expect(first).toBe(second)
  expect(asked).toEqual([join(root, id)])
  // Once it is done, another one is made.
  const third = counting.checkDynamics({ id })
  await expect.poll(() => asked.length).toBe(2)
  finish(found as never)
  await third
})

test('the catalogue entry has everything the contract shows', async () => {
  const { id, folder } = await store()
  const entry = await catalogueEntry(folder)
  expect(datasetSchema.parse({ ...entry, note: '', createdAt: 0, archived: false })).toMatchObject({
    id,
    episodes: 3,
    transitions: 5,
    bestReturn: 9
  })
  expect(entry.sizeBytes).toBeGreaterThan(500)
})

test('pages of episodes sort both ways, keep the order of equals and put NaN last', async () => {
  const make = (reward: number, length = 1) =>
    episode({
      observations: new Float32Array(length + 1),
      actions: new Float32Array(length),
      rewards: new Float32Array(length).fill(reward / length)
    })
  const columns = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: true }, [
    make(2),
    make(NaN),
    make(6, 3),
    make(2)
  ])
  const dataset = await store(columns)
  const order = async (sort: 'index' | 'length' | 'return', descending: boolean) =>
    (await library.episodes(dataset, { offset: 0, limit: 10, sort, descending })).rows.map(row => row.index)
  expect(await order('return', false)).toEqual([0, 3, 2, 1])
  expect(await order('return', true)).toEqual([2, 0, 3, 1])
  expect(await order('length', true)).toEqual([2, 0, 1, 3])
  const bounds = { minimumReturn: 2, maximumReturn: 2, minimumLength: null, maximumLength: 1 }
  const all = { offset: 0, limit: 10, sort: 'index', descending: false } as const
  const kept = await library.episodes(dataset, { ...all, ...bounds })
  expect([kept.total, kept.rows.map(row => row.index)]).toEqual([2, [0, 3]])
  const page = await library.episodes(dataset, { offset: 1, limit: 2, sort: 'index', descending: false })
  expect(page.total).toBe(4)
  expect(page.rows).toEqual([
    { index: 1, length: 1, return: 'NaN', endReason: 'truncated', source: 'test' },
    { index: 2, length: 3, return: 6, endReason: 'truncated', source: 'test' }
  ])
})

test('one episode comes as it is stored, a missing final observation as NaN', async () => {
  const dataset = await store()
  const found = await library.episode(dataset, 2)
  expect(Array.from(decodeColumn(found.observations))).toEqual([20, 21, NaN])
  expect(found.observations.shape).toEqual([3, 1])
  expect(Array.from(decodeColumn(found.actions))).toEqual([0, 2])
  expect(found).toMatchObject({ index: 2, return: 9, endReason: 'cut' })
  await expect(library.episode(dataset, 3)).rejects.toMatchObject({
    code: 'not-found',
    message: 'test has episodes 0 to 2, not 3'
  })
})

test('discrete actions are whole numbers', async () => {
  const columns = buildColumns({ observationSize: 1, actionSize: 1, hasRewards: false }, [
    episode({ observations: Float32Array.of(1, 2, 3), actions: Float32Array.of(2, 0), rewards: null })
  ])
  const dataset = await store(columns, {
    actionSpace: { kind: 'discrete', count: 3, start: 0 },
    hasRewards: false
  })
  const found = await library.episode(dataset, 0)
  expect(found.actions).toMatchObject({ dtype: 'int32', shape: [2] })
  expect(found.rewards.shape).toEqual([0])
})

test('the map counts every stored visit in its cell', async () => {
  const { description: made, columns } = makeFromRecipe('crossroads', 0)
  const dataset = await store(columns, made)
  const map = await library.map(dataset, { x: 0, y: 1, bins: 20 })
  const counts = Array.from(decodeColumn(map.counts))
  expect(map.counts.shape).toEqual([20, 20])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(columns.observations.length / 2)
  const cell = (value: number, { low, high }: { low: number; high: number }) =>
    Math.min(19, Math.floor(((value - low) / (high - low)) * 20))
  let here = 0
  const [x0, y0] = columns.observations
  for (let at = 0; at < columns.observations.length; at += 2) {
    const [x, y] = columns.observations.subarray(at, at + 2)
    if (cell(x, map.x) === cell(x0, map.x) && cell(y, map.y) === cell(y0, map.y)) here++
  }
  expect(counts[cell(y0, map.y) * 20 + cell(x0, map.x)]).toBe(here)
  expect(map.paths.length).toBe(40)
  expect(Array.from(decodeColumn(map.paths[0].points).slice(0, 2))).toEqual([x0, y0])
  await expect(library.map(dataset, { x: 0, y: 2, bins: 20 })).rejects.toMatchObject({
    code: 'invalid-params'
  })
})

test('a damaged dataset is refused by every question', async () => {
  const { id, folder } = await store()
  await writeFile(join(folder, summaryFile), '{}')
  await expect(library.summary({ id })).rejects.toMatchObject({ code: 'dataset-corrupt' })
  await writeFile(join(folder, columnsFile), 'damaged')
  await expect(library.episode({ id }, 0)).rejects.toMatchObject({ code: 'dataset-corrupt' })
  await expect(loadDataset(folder)).rejects.toMatchObject({ code: 'dataset-corrupt' })
})
