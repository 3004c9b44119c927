/** What an import refuses or tells that no fixture can hold: rights, sizes of names, episodes of nothing. */
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSource, readSource } from '../../../src-main/datasets/importers/index.ts'
import type { Importer, ImportedFile } from '../../../src-main/datasets/importers/importer.ts'
import { MinariReader, planMinari } from '../../../src-main/datasets/importers/minari.ts'
import { reportOf } from '../../../src-main/datasets/report.ts'
import { settle } from '../../../src-main/datasets/settle.ts'
import { small } from './make.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/datasets')
let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'refusals-'))
})
afterEach(async () => {
  await chmod(join(root, 'folder'), 0o700).catch(() => undefined) // not every test has one
  await rm(root, { recursive: true, force: true })
})

const reading = async (path: string): Promise<ImportedFile> =>
  (await readSource(await openSource(path), { answers: {}, progress: () => Promise.resolve() })).file

const superuser = process.getuid?.() === 0 || process.platform === 'win32'
describe.skipIf(superuser)(
  `what this user may not read${superuser ? ' (SKIPPED: every right is granted to this user)' : ''}`,
  () => {
    it('is said of a folder, not taken for one without data', async () => {
      const folder = join(root, 'folder')
      await cp(join(fixtures, 'minari-arrow'), folder, { recursive: true })
      await chmod(folder, 0)
      await expect(reading(folder)).rejects.toThrow(`${folder} may not be read by this user`)
    })

    it('is said of a file inside it', async () => {
      const folder = join(root, 'folder')
      await cp(join(fixtures, 'minari-arrow'), folder, { recursive: true })
      await chmod(join(folder, 'data/1/part-0.arrow'), 0)
      await expect(reading(folder)).rejects.toThrow('part-0.arrow of episode 1 may not be read by this user')
      const other = join(root, 'other')
      await cp(join(fixtures, 'minari-hdf5'), other, { recursive: true })
      await chmod(join(other, 'data/main_data.hdf5'), 0)
      await expect(reading(other)).rejects.toThrow('main_data.hdf5 may not be read by this user')
    })
  }
)

describe('episodes without a step', () => {
  const box = (size: number) => JSON.stringify({ type: 'Box', shape: [size], low: [-1], high: [1] })
  const read = (lengths: readonly number[]) => {
    const metadata = { observation_space: box(1), action_space: box(1), total_episodes: lengths.length }
    const reader = new MinariReader(planMinari(metadata, {}), 'test')
    for (const length of lengths)
      reader.add({
        ...{ name: 'episode', leaves: [new Float32Array(length + 1)], actions: new Float32Array(length) },
        ...{ rewards: new Float32Array(length), terminations: new Float32Array(length) },
        truncations: new Float32Array(length)
      })
    return reader.finish([])
  }

  it('are left out, and counted', () => {
    const { columns, problems } = read([2, 0, 1, 0])
    expect(columns.episodes.map(({ length }) => length)).toEqual([2, 1])
    expect(problems).toEqual([{ severity: 'warning', text: '2 episodes without a step are left out' }])
    expect(() => read([0])).toThrow('test holds no episodes')
  })
})

describe('a name that turns the direction of writing', () => {
  it('is shown with its marks, not obeyed', async () => {
    const path = join(root, 'name\u202egnp.csv')
    await cp(join(fixtures, 'header-only.csv'), path)
    await expect(reading(path)).rejects.toThrow('name\\u202egnp.csv has a header and no rows')
  })
})

describe('a report', () => {
  const file = (names: number, length: number): ImportedFile => ({
    columns: small(),
    fileColumns: [{ name: 'x'.repeat(500), dtype: 'float32', shape: [5], use: 'observations' }],
    ...{ observationNames: [], actionNames: [], environmentName: null, suggestedName: 'test' },
    actions: { kind: 'continuous', low: [-3], high: [3] },
    scoreReference: null,
    problems: [],
    questions: [
      {
        ...{ id: 'keys', text: 'Which?', help: '', default: null, input: 'multiple' },
        options: Array.from({ length: names }, (_, i) => ({ value: `${i}`.padStart(length, 'x'), label: '' }))
      }
    ],
    provenance: {}
  })
  const importer = { id: 'test', title: 'Test' } as Importer
  const report = (given: ImportedFile) => {
    const source = { path: '', name: 'test', kind: 'file', sizeBytes: 0, header: new Uint8Array() } as const
    return reportOf('id', source, importer, given, settle(importer, given, 'test', {}))
  }

  it('shortens names that nobody reads to their end', () => {
    expect(report(file(3, 10)).columns[0].name).toHaveLength(200)
  })

  it('says that what open questions decide is provisional', () => {
    const text = 'one question has no answer yet: what depends on it is shown provisionally'
    expect(report(file(3, 10)).problems).toContainEqual({ severity: 'info', text })
    expect(report({ ...file(3, 10), questions: [] }).problems.map(problem => problem.text)).not.toContain(
      text
    )
  })

  it('is refused where its names do not fit one answer', () => {
    expect(() => report(file(2000, 1000))).toThrow(
      /names in test are too many or too long to be shown: .* 20\d+ bytes/
    )
  })
})
