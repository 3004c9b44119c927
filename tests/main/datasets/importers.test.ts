import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImportAnswers } from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../../src-main/base/errors.ts'
import { openSource, readSource, recognise } from '../../../src-main/datasets/importers/index.ts'
import { reportOf } from '../../../src-main/datasets/report.ts'
import { requireAnswers, settle } from '../../../src-main/datasets/settle.ts'
import { importReport } from '../../../src-preload/contract/datasets.ts'

const folder = join(import.meta.dirname, '../../fixtures/datasets')

/** One row of the table: what importing a file must give. Everything absent is not looked at. */
interface Row {
  file: string
  note?: string
  answers?: ImportAnswers
  error?: { code: string; message: string }
  /** What committing with these answers must fail with. */
  commit?: { code: string; message: string }
  format?: string
  name?: string
  episodes?: number
  transitions?: number
  lengths?: number[]
  missing?: number
  endReasons?: Record<string, number>
  sums?: { observations?: number; actions?: number; rewards?: number }
  observationShape?: number[]
  observationNames?: string[]
  actionNames?: string[]
  actionSpace?: object
  scoreReference?: object
  shareOutside?: number
  outside?: string
  hasRewards?: boolean
  /** Without `environment` unless the row lists it: many fixtures have the sizes of some environment. */
  questions?: string[]
  environmentId?: string | null
  defaults?: Record<string, string>
  problems?: string[]
  provenance?: Record<string, string>
  columns?: Record<string, string>
}
const table = JSON.parse(readFileSync(join(folder, '../datasets.json'), 'utf8')) as Row[]

async function read(path: string, answers: ImportAnswers) {
  const source = await openSource(path)
  const { importer, file } = await readSource(source, { answers, progress: () => Promise.resolve() })
  const settled = settle(importer, file, source.name, answers)
  const report = importReport.parse(
    reportOf('00000000-0000-4000-8000-000000000000', source, importer, file, settled)
  )
  return { file, settled, report }
}

const sum = (values: Float32Array): number =>
  values.reduce((total, value) => (Number.isNaN(value) ? total : total + value), 0)

async function failure(action: () => unknown): Promise<UserError> {
  const error: unknown = await Promise.resolve()
    .then(action)
    .then(
      () => null,
      (thrown: unknown) => thrown
    )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

function matches(error: UserError, expected: { code: string; message: string }): void {
  expect(error.message).toContain(expected.message)
  expect(error.code).toBe(expected.code)
  expect(error.message).not.toContain('\n')
}

async function check(row: Row): Promise<void> {
  const answers = row.answers ?? {}
  const path = join(folder, row.file)
  if (row.error) return matches(await failure(() => read(path, answers)), row.error)
  const { file, settled, report } = await read(path, answers)
  const { columns } = file
  if (row.commit) matches(await failure(() => requireAnswers(settled.questions, answers)), row.commit)
  const seen: Partial<Row> = {
    format: report.format,
    name: report.suggestedName,
    episodes: report.episodes,
    transitions: report.transitions,
    lengths: columns.episodes.map(episode => episode.length),
    missing: report.missingNextObservations,
    endReasons: report.endReasons,
    observationShape: report.observationShape,
    observationNames: [...settled.description.observationNames],
    actionNames: [...settled.description.actionNames],
    actionSpace: report.actionSpace,
    scoreReference: settled.description.scoreReference ?? undefined,
    hasRewards: settled.description.hasRewards,
    environmentId: report.environmentId,
    questions: report.questions
      .map(question => question.id)
      .filter(id => id !== 'environment' || row.questions?.includes(id)),
    ...(report.actionSpace.kind === 'continuous'
      ? { shareOutside: report.actionSpace.shareOutside, outside: report.actionSpace.outside }
      : {})
  }
  for (const key of Object.keys(seen) as (keyof Row)[])
    if (row[key] !== undefined) expect(seen[key], key).toEqual(row[key])
  const { sums } = row
  if (sums?.observations !== undefined) expect(sum(columns.observations)).toBeCloseTo(sums.observations, 3)
  if (sums?.actions !== undefined) expect(sum(columns.actions)).toBeCloseTo(sums.actions, 4)
  if (sums?.rewards !== undefined) expect(sum(columns.rewards)).toBeCloseTo(sums.rewards, 4)
  for (const text of row.problems ?? [])
    expect(report.problems.map(problem => problem.text).join('\n')).toContain(text)
  for (const [id, value] of Object.entries(row.defaults ?? {}))
    expect(report.questions.find(question => question.id === id)?.default).toBe(value)
  if (row.provenance) expect(settled.description.provenance).toMatchObject(row.provenance)
  for (const [name, use] of Object.entries(row.columns ?? {}))
    expect(report.columns.find(column => column.name === name)?.use).toBe(use)
}

describe('fixtures', () => {
  table.forEach((row, index) => {
    const answers =
      row.answers && Object.keys(row.answers).length > 0 ? ` with ${JSON.stringify(row.answers)}` : ''
    test(`${index} ${row.file}${answers}${row.note ? `: ${row.note}` : ''}`, () => check(row))
  })

  test('the table reaches every importer and every hostile file', () => {
    const formats = new Set(table.map(row => row.format).filter(Boolean))
    expect(formats).toEqual(new Set(['d4rl', 'minari-hdf5', 'minari-arrow', 'csv']))
    expect(table.filter(row => row.file.startsWith('hostile-')).length).toBe(3)
  })

  test('badges come from the first bytes', () => {
    const badge = (name: string) => recognise(readFileSync(join(folder, name)).subarray(0, 8192), name)
    expect(badge('d4rl-next.hdf5')).toBe('HDF5')
    expect(badge('d4rl-userblock.hdf5')).toBe('HDF5')
    expect(badge('documented.csv')).toBe('CSV')
    expect(badge('minari-arrow/data/0/part-0.arrow')).toBe('Minari (Arrow)')
    for (const name of ['picture.csv', 'archive.zip', 'episodes.pkl', 'rows.json', 'noise.bin', 'utf16.csv'])
      expect(badge(name)).toBe(null)
  })
})

const shared = join(import.meta.dirname, '../../../../shared/datasets')
const absent = !existsSync(shared)

const noEnds: Record<string, number> = { terminated: 0, truncated: 0, cut: 0, unknown: 0 }

/** Counts and sums worked out with h5py and pyarrow. */
const real = [
  [
    'cs285-hopper-expert-v4.hdf5',
    2,
    2000,
    { truncated: 2 },
    3717.512994647026,
    7563.660276574485,
    1583.7536871714583,
    0.6945
  ],
  [
    'cs285-halfcheetah-expert-v4.hdf5',
    2,
    2000,
    { truncated: 2 },
    4034.7999829836,
    11365.31644492667,
    1262.0165336505406,
    0.635
  ],
  [
    'cs285-walker2d-expert-v4.hdf5',
    2,
    2000,
    { truncated: 2 },
    5383.31027876564,
    2166.8154006147415,
    5075.7610413540315,
    0.9805
  ],
  [
    'cs285-ant-expert-v4.hdf5',
    2,
    2000,
    { truncated: 2 },
    4681.891673834994,
    12862.258209733063,
    654.3632380785893,
    0.005
  ]
] as const

describe.skipIf(absent)(
  absent ? 'recorded files of others (SKIPPED: shared/datasets is not there)' : 'recorded files of others',
  () => {
    test.each(real)(
      '%s',
      async (name, episodes, transitions, ends, meanReturn, observations, actions, outside) => {
        const { file, report, settled } = await read(join(shared, name), {})
        expect([report.episodes, report.transitions, report.missingNextObservations]).toEqual([
          episodes,
          transitions,
          0
        ])
        expect(report.endReasons).toEqual({ ...noEnds, ...ends })
        expect(sum(file.columns.rewards) / episodes).toBeCloseTo(meanReturn, 2)
        expect(sum(file.columns.actions)).toBeCloseTo(actions, 2)
        const size = file.columns.observationSize
        const last = file.columns.episodes.reduce((total, { firstObservation, length }) => {
          const row = (firstObservation + length) * size
          return total + sum(file.columns.observations.slice(row, row + size))
        }, 0)
        expect(sum(file.columns.observations) - last).toBeCloseTo(observations, 2)
        expect(report.actionSpace).toMatchObject({
          kind: 'continuous',
          outside: 'clip',
          shareOutside: outside
        })
        // Which variant is asked too, where several have these sizes.
        expect(report.questions.map(question => question.id).filter(id => id !== 'environment')).toEqual([
          'actionsOutside'
        ])
        // D4RL measured its references in the v2 robots, which move differently.
        expect(settled.description.scoreReference).toBeNull()
      }
    )

    test.each([
      ['minari/pendulum/mixed-v0', 'pendulum', 4000, { truncated: 20 }, [3]],
      ['minari/mountaincar/mixed-v0', 'mountaincar-continuous', 2713, { terminated: 20 }, [2]],
      ['minari/cartpole/mixed-v0', 'cartpole', 6664, { terminated: 8, truncated: 12 }, [4]]
    ])('%s', async (name, environment, transitions, ends, shape) => {
      const { file, report } = await read(join(shared, name), {})
      expect([
        report.episodes,
        report.transitions,
        report.missingNextObservations,
        report.environmentId
      ]).toEqual([20, transitions, 0, environment])
      expect(report.endReasons).toEqual({ ...noEnds, ...ends })
      expect(report.observationShape).toEqual(shape)
      expect(report.questions).toEqual([])
      for (const { firstRow, length, endReason } of file.columns.episodes) {
        if (environment === 'cartpole')
          expect(sum(file.columns.rewards.slice(firstRow, firstRow + length))).toBe(length)
        if (environment === 'pendulum') expect([length, endReason]).toEqual([200, 'truncated'])
      }
    })

    test('the recorded reward sums of Minari episodes agree with ours', async () => {
      const { file } = await read(join(shared, 'minari/mountaincar/mixed-v0'), {})
      file.columns.episodes.forEach(({ firstRow, length }, index) => {
        const text = readFileSync(
          join(shared, `minari/mountaincar/mixed-v0/data/${index}/metadata.json`),
          'utf8'
        )
        const { total_steps: steps, rewards_sum: total } = JSON.parse(text) as {
          total_steps: number
          rewards_sum: number
        }
        expect(length).toBe(steps)
        expect(sum(file.columns.rewards.slice(firstRow, firstRow + length))).toBeCloseTo(total, 4)
      })
    })
  }
)
