import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../../../src-main/base/errors.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import {
  columnsFile,
  loadDataset,
  manifestFile,
  publishDataset,
  writeDataset
} from '../../../src-main/datasets/columns.ts'
import { description, small } from './make.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'columns-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function importSmall(staging = 'staging', changes = {}): Promise<{ id: string; folder: string }> {
  const manifest = await writeDataset(join(root, staging), { ...description, ...changes }, small())
  return { id: manifest.id, folder: await publishDataset(join(root, staging), root, manifest.id) }
}

test('a dataset comes back as it was written', async () => {
  const { id, folder } = await importSmall()
  const { manifest, columns } = await loadDataset(folder)
  expect(columns).toEqual(small())
  expect(manifest).toMatchObject({ ...description, id, sources: ['test'] })
  expect(await readdir(root)).toEqual([id])
})

test('the id depends on content and meaning, not on names', async () => {
  const first = await importSmall()
  expect((await importSmall('again', { name: 'other name', sourceName: 'other.csv' })).id).toBe(first.id)
  const rescaled = { ...description.actionSpace, outside: 'rescale' }
  expect((await importSmall('other', { actionSpace: rescaled })).id).not.toBe(first.id)
})

test('200 flipped bytes, 200 refusals', async () => {
  const { folder } = await importSmall()
  const path = join(folder, columnsFile)
  const whole = await readFile(path)
  const random = new RandomSequence(1, 'flips')
  for (let i = 0; i < 200; i++) {
    const flipped = Buffer.from(whole)
    flipped[random.integer(whole.length)] ^= 1 << random.integer(8)
    await writeFile(path, flipped)
    const error = await loadDataset(folder).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).code).toBe('dataset-corrupt')
  }
})

test('missing and malformed folders are named', async () => {
  await expect(loadDataset(join(root, 'nothing'))).rejects.toMatchObject({ code: 'not-found' })
  const { folder } = await importSmall()
  await writeFile(join(folder, manifestFile), '{"formatVersion": 1}')
  await expect(loadDataset(folder)).rejects.toMatchObject({ code: 'dataset-corrupt' })
  await writeFile(join(folder, manifestFile), 'not json')
  await expect(loadDataset(folder)).rejects.toThrow(/dataset.json is not JSON/)
})
