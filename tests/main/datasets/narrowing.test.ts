/** What becomes of numbers that a file holds in double precision, and of the simulator states of Minari's Arrow layout. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Bool,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray
} from 'apache-arrow'
import * as h5 from 'h5wasm/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSource, readSource } from '../../../src-main/datasets/importers/index.ts'
import type { ImportedFile } from '../../../src-main/datasets/importers/importer.ts'
import { Narrowing } from '../../../src-main/datasets/importers/narrowing.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrowing-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const read = async (path: string): Promise<ImportedFile> =>
  (await readSource(await openSource(path), { answers: {}, progress: () => Promise.resolve() })).file
const texts = (file: ImportedFile): string => file.problems.map(problem => problem.text).join('\n')

describe('double precision', () => {
  async function d4rl(rewards: Float64Array | Float32Array): Promise<string> {
    await h5.ready
    const path = join(root, 'data.hdf5')
    const out = new h5.File(path, 'w')
    out.create_dataset({ name: 'observations', data: Float64Array.of(0.5, 1, 2, 4), shape: [4, 1] })
    out.create_dataset({ name: 'actions', data: Float32Array.of(0, 0.5, 0, 0.5), shape: [4, 1] })
    out.create_dataset({ name: 'rewards', data: rewards, shape: [4] })
    out.create_dataset({ name: 'terminals', data: Float32Array.of(0, 0, 0, 1), shape: [4] })
    out.create_dataset({ name: 'timeouts', data: new Float32Array(4), shape: [4] })
    out.close()
    return path
  }

  it('is said with the largest relative error of the columns that lose something', async () => {
    const file = await read(await d4rl(Float64Array.of(0.1, 1, 1 / 3, 1e-300)))
    expect(texts(file)).toContain('single precision keeps rewards with a relative error of at most ')
    const [, error] = /at most ([\d.e-]+)$/m.exec(texts(file)) ?? []
    expect(Number(error)).toBeGreaterThan(1e-9)
    expect(Number(error)).toBeLessThan(2 ** -24)
    // The observations are wide too, and lose nothing.
    expect(texts(file)).not.toContain('observations')
  })

  it('is not spoken of where the file has single precision, or loses nothing', async () => {
    const file = await read(await d4rl(Float32Array.of(0.1, 0.2, NaN, Infinity)))
    expect(texts(file)).not.toContain('single precision')
    expect(file.columns.rewards[3]).toBe(Infinity)
  })

  it('keeps its infinities, and refuses a number that would become one', async () => {
    const kept = await read(await d4rl(Float64Array.of(1, Infinity, -Infinity, NaN)))
    expect(Array.from(kept.columns.rewards)).toEqual([1, Infinity, -Infinity, NaN])
    await rm(join(root, 'data.hdf5'))
    const path = await d4rl(Float64Array.of(1, 1e300, 2, 3))
    await expect(read(path)).rejects.toThrow(
      'rewards holds 1e+300; numbers beyond 3.40e+38 cannot be kept in single precision, so scale the data first'
    )
  })

  it('is refused by line and column in a table of text', async () => {
    const path = join(root, 'data.csv')
    await writeFile(path, 'episode,observation_0,action_0,reward\n0,1,0,1\n0,2,0,-4e38\n')
    await expect(read(path)).rejects.toThrow('line 3, column reward holds -4e+38; numbers beyond')
  })

  it('names the column that lost most', () => {
    const narrowing = new Narrowing()
    narrowing.take(Float64Array.of(1 + 2 ** -40), 'observations')
    narrowing.take(Float64Array.of(1 + 2 ** -25), 'rewards')
    expect(narrowing.problems[0]?.text).toBe(
      'single precision keeps observations and rewards with a relative error of at most 3.0e-8, the largest in rewards'
    )
  })
})

describe("simulator states of Minari's Arrow layout", () => {
  const list = (size: number, type: DataType): DataType => new FixedSizeList(size, new Field('item', type))
  const rowsOf = (count: number, size: number, of: (row: number, i: number) => number): number[][] =>
    Array.from({ length: count }, (_, row) => Array.from({ length: size }, (_, i) => of(row, i)))

  /** Two episodes of 3 and 2 steps, each with a padding row; qpos of row t is 10 t + i + 1e-9. */
  async function folder(lists = true): Promise<string> {
    const place = join(root, 'data')
    const box = (size: number) =>
      JSON.stringify({ type: 'Box', dtype: 'float32', shape: [size], low: [-1], high: [1] })
    await mkdir(place)
    await writeFile(
      join(place, 'metadata.json'),
      JSON.stringify({ observation_space: box(1), action_space: box(1), dataset_id: 'toy-v0' })
    )
    for (const [i, steps] of [3, 2].entries()) {
      const rows = steps + 1
      const qpos = rowsOf(rows, 2, (row, at) => 10 * row + at + 1e-9)
      const qvel = rowsOf(rows, 1, row => -row)
      const infos = new Struct([
        new Field('qpos', lists ? list(2, new Float64()) : new Float64()),
        new Field('qvel', list(1, new Float64())),
        new Field('x_position', new Float64())
      ])
      const flags = Array.from({ length: rows }, (_, row) => row === steps - 1)
      const columns = {
        observations: vectorFromArray(
          rowsOf(rows, 1, row => row),
          list(1, new Float32())
        ),
        actions: vectorFromArray(
          rowsOf(rows, 1, () => 0.5),
          list(1, new Float32())
        ),
        rewards: vectorFromArray(Array<number>(rows).fill(1), new Float64()),
        terminations: vectorFromArray(flags, new Bool()),
        truncations: vectorFromArray(Array<boolean>(rows).fill(false), new Bool()),
        infos: vectorFromArray(
          qpos.map((position, row) => ({
            qpos: lists ? position : 0,
            qvel: qvel[row],
            x_position: 0
          })),
          infos as never
        )
      }
      await mkdir(join(place, String(i)))
      await writeFile(join(place, String(i), 'part-0.arrow'), tableToIPC(new Table(columns), 'file'))
    }
    return place
  }

  it('are kept in their precision, T + 1 rows of each episode', async () => {
    const { columns, fileColumns } = await read(await folder())
    const { positions, velocities, positionSize, velocitySize } = columns.states!
    expect([positionSize, velocitySize]).toEqual([2, 1])
    expect(positions).toBeInstanceOf(Float64Array)
    const first = Array.from({ length: 7 }, (_, row) => positions[2 * row])
    expect(first).toEqual([1e-9, 10 + 1e-9, 20 + 1e-9, 30 + 1e-9, 1e-9, 10 + 1e-9, 20 + 1e-9])
    expect(velocities[3]).toBe(-3)
    const use = (name: string) => fileColumns.find(column => column.name === name)?.use
    expect(use('infos/qpos')).toContain('joint positions')
    expect(use('infos/x_position')).toBe('not imported')
  })

  it('are left out where they are no lists of equal length, and the data are imported', async () => {
    const { columns, fileColumns } = await read(await folder(false))
    expect(columns.states).toBeUndefined()
    expect(columns.episodes.map(episode => episode.length)).toEqual([3, 2])
    expect(fileColumns.find(column => column.name === 'infos/qvel')?.use).toBe('not imported')
  })
})
