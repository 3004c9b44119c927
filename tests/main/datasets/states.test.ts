/** Recorded simulator states on their way from a file through a dataset folder to an episode of a page. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as h5 from 'h5wasm/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import { closeDataset, openDataset, readEpisode } from '../../../src-main/datasets/browse.ts'
import { catalogueEntry } from '../../../src-main/datasets/catalogue.ts'
import {
  loadDataset,
  loadDatasetWithStates,
  publishDataset,
  writeDataset
} from '../../../src-main/datasets/columns.ts'
import { combineDatasets, filterDataset } from '../../../src-main/datasets/derive.ts'
import type { DatasetDescription } from '../../../src-main/datasets/dataset.ts'
import { openSource, readSource } from '../../../src-main/datasets/importers/index.ts'
import type { ImportedFile } from '../../../src-main/datasets/importers/importer.ts'
import { MinariStates } from '../../../src-main/datasets/importers/minariStates.ts'
import { description } from './make.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'states-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Hopper-like rows in two episodes of 3 and 2 steps; qpos of row r is 100 r + 0 ... 5. */
async function file(stateRows = 5): Promise<ImportedFile> {
  await h5.ready
  const path = join(root, 'hopper-medium-v2.hdf5')
  const out = new h5.File(path, 'w')
  const rows = 5
  const numbers = (count: number, width: number, of: (row: number, i: number) => number) =>
    Float64Array.from({ length: count * width }, (_, at) => of(Math.floor(at / width), at % width))
  const add = (name: string, data: Float64Array | Float32Array, shape: number[]) =>
    out.create_dataset({ name, data, shape })
  add('observations', Float32Array.from(numbers(rows, 11, (row, i) => row + i / 100)), [rows, 11])
  add('actions', Float32Array.from(numbers(rows, 3, () => 0.5)), [rows, 3])
  add('rewards', Float32Array.from(numbers(rows, 1, row => row)), [rows])
  add('terminals', Float32Array.of(0, 0, 1, 0, 0), [rows])
  add('timeouts', Float32Array.of(0, 0, 0, 0, 1), [rows])
  out.create_group('infos')
  add(
    'infos/qpos',
    numbers(stateRows, 6, (row, i) => 100 * row + i + 1e-9),
    [stateRows, 6]
  )
  add(
    'infos/qvel',
    numbers(stateRows, 6, (row, i) => -100 * row - i),
    [stateRows, 6]
  )
  add(
    'infos/goal',
    numbers(rows, 2, () => 4),
    [rows, 2]
  )
  out.close()
  const source = await openSource(path)
  return (await readSource(source, { answers: {}, progress: () => Promise.resolve() })).file
}

async function stored(given: ImportedFile): Promise<string> {
  const changes: Partial<DatasetDescription> = {
    environmentId: 'hopper-v2',
    observationShape: [11],
    actionShape: [3],
    actionSpace: {
      ...{ kind: 'continuous', size: 3, low: [-1, -1, -1], high: [1, 1, 1] },
      ...{ outside: 'clip', shareOutside: 0 }
    }
  }
  const staging = join(root, 'staging')
  const { id } = await writeDataset(staging, { ...description, ...changes }, given.columns)
  return publishDataset(staging, root, id)
}

describe('states of a D4RL file', () => {
  it('are kept in their precision, one row more than steps in each episode', async () => {
    const { columns, fileColumns } = await file()
    const { positions, velocities, positionSize } = columns.states!
    expect(positions).toBeInstanceOf(Float64Array)
    expect(positionSize).toBe(6)
    // Rows 0 to 2 and a missing one, rows 3 and 4 and a missing one.
    expect(Array.from({ length: 7 }, (_, row) => positions[row * 6 + 1])).toEqual([
      ...[1 + 1e-9, 101 + 1e-9, 201 + 1e-9, NaN],
      ...[301 + 1e-9, 401 + 1e-9, NaN]
    ])
    expect(velocities[4 * 6]).toBe(-300)
    const use = (name: string) => fileColumns.find(column => column.name === name)?.use
    expect(use('infos/qpos')).toContain('joint positions')
    expect(use('infos/goal')).toBe(
      'not imported: where the recorder headed, which is not what rewards are paid for'
    )
  })

  it('are left out with a warning where their rows do not fit', async () => {
    const { columns, problems, fileColumns } = await file(4)
    expect(columns.states).toBeUndefined()
    expect(problems.map(problem => problem.text).join()).toContain('infos/qpos has 4 rows, observations 5')
    expect(fileColumns.find(column => column.name === 'infos/qpos')?.use).toBe('not imported')
  })

  it('go through a dataset folder, which training reads without them', async () => {
    const given = await file()
    const folder = await stored(given)
    expect((await loadDatasetWithStates(folder)).columns.states).toEqual(given.columns.states)
    expect((await loadDataset(folder)).columns.states).toBeUndefined()
    const { states: _, ...without } = given.columns
    const other = await stored({ ...given, columns: without })
    expect(other).not.toBe(folder)
    const [larger, smaller] = [await catalogueEntry(folder), await catalogueEntry(other)]
    expect(larger.sizeBytes - smaller.sizeBytes).toBeGreaterThan(2 * 7 * 6 * 8)
  })

  it('are the positions of an episode', async () => {
    const opened = await openDataset(await stored(await file()))
    const { positions, positionsFrom } = await readEpisode(opened, 1)
    await closeDataset(opened)
    expect(positionsFrom).toBe('recorded')
    expect(positions!.shape).toEqual([3, 6])
    expect(Array.from(decodeColumn(positions!).subarray(0, 3))).toEqual([300, 301, 302])
    expect(Array.from(decodeColumn(positions!)).every(Number.isFinite)).toBe(true)
  })

  it('go on into filtered and combined datasets', async () => {
    const dataset = await loadDatasetWithStates(await stored(await file()))
    const filter = { minimumReturn: 5, maximumReturn: null, minimumLength: null, maximumLength: null }
    const kept = filterDataset(dataset, 'second', filter).columns
    expect(Array.from(kept.states!.positions.subarray(0, 2))).toEqual([300 + 1e-9, 301 + 1e-9])
    expect(kept.states!.positions.length).toBe(3 * 6)
    const { columns } = combineDatasets([dataset, dataset], 'both')
    expect(columns.states!.positions.length).toBe(14 * 6)
    const { states: _, ...without } = dataset.columns
    expect(
      combineDatasets([dataset, { ...dataset, columns: without }], 'both').columns.states
    ).toBeUndefined()
  })
})

describe('states of Minari episodes', () => {
  const states = (rows: number) => ({
    ...{ positionSize: 2, velocitySize: 1 },
    positions: Float64Array.from({ length: rows * 2 }, (_, i) => i),
    velocities: Float64Array.from({ length: rows }, (_, i) => i)
  })

  it('have T + 1 rows, or T and a missing one', () => {
    const reader = new MinariStates()
    reader.add(states(3), 2)
    reader.add(states(2), 2)
    const { positions } = reader.finish()!
    expect(Array.from(positions)).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, NaN, NaN])
    expect(reader.problems).toEqual([])
  })

  it('are those of all episodes or none', () => {
    const reader = new MinariStates()
    reader.add(states(3), 2)
    reader.add(states(9), 2)
    expect(reader.finish()).toBeNull()
    expect(reader.problems[0]?.text).toContain('do not fit 1 of 2 episodes')
  })
})
