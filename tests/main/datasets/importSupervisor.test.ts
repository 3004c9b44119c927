import { appendFileSync, existsSync } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UserError } from '../../../src-main/base/errors.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { loadDataset } from '../../../src-main/datasets/columns.ts'
import { readDynamics } from '../../../src-main/datasets/dynamicsFile.ts'
import { createDatasetLibrary } from '../../../src-main/datasets/library.ts'
import {
  createImportSupervisor,
  defaultLimits,
  type ImportLimits
} from '../../../src-main/datasets/importSupervisor.ts'
import type { Dataset, ImportProgress, ImportReport } from '../../../src-preload/contract/datasets.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/datasets')
let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'import-'))
  for (const name of ['staging', 'datasets']) await mkdir(join(root, name))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const places = () => ({ staging: join(root, 'staging'), datasets: join(root, 'datasets') })
const left = async () => [
  ...(await readdir(join(root, 'staging'))),
  ...(await readdir(join(root, 'datasets')))
]
const supervise = (host: ProcessHost = nodeProcessHost(), limits: Partial<ImportLimits> = {}) =>
  createImportSupervisor(host, places(), { ...defaultLimits, ...limits })

async function collect(stream: AsyncIterable<ImportProgress>) {
  const items: ImportProgress[] = []
  for await (const item of stream) items.push(item)
  const dataset = items.flatMap(item => (item.kind === 'imported' ? [item.dataset] : []))[0] as
    Dataset | undefined
  const report = items.flatMap(item => (item.kind === 'report' ? [item.report] : []))[0] as
    ImportReport | undefined
  return { items, dataset: dataset!, report: report! }
}

async function failure(stream: AsyncIterable<ImportProgress>): Promise<UserError> {
  const error: unknown = await collect(stream).then(
    () => null,
    (thrown: unknown) => thrown
  )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

/** A table large enough that reading and writing it take a while. */
async function largeTable(rows: number): Promise<string> {
  const lines = ['episode,observation:0,observation:1,observation:2,action:0,reward,terminated']
  for (let i = 0; i < rows; i++)
    lines.push(
      `${Math.floor(i / 100)},${i % 7},${i * 0.5},${(i % 13) / 3},${(i % 9) / 10},1,${i % 100 === 99}`
    )
  const path = join(root, 'large.csv')
  await writeFile(path, lines.join('\n') + '\n')
  return path
}

/** A host whose processes tell the test when they start. */
function watchedHost(onStart: (child: ChildHandle) => void, host = nodeProcessHost()): ProcessHost {
  return {
    start: (entry, options) => {
      const child = host.start(entry, options)
      onStart(child)
      return child
    }
  }
}

test('a file is inspected without writing, then committed; nothing stays in staging', async () => {
  const supervisor = supervise()
  const { report, items } = await collect(supervisor.inspect(join(fixtures, 'd4rl-next.hdf5')))
  expect(items[0]).toMatchObject({ kind: 'progress', phase: 'opening' })
  expect(report).toMatchObject({ format: 'd4rl', episodes: 3, transitions: 12 })
  expect(await left()).toEqual([])
  const { dataset } = await collect(
    supervisor.commit(report.inspectionId, 'my data', { actionBounds: '-1 1' })
  )
  expect(dataset).toMatchObject({
    name: 'my data',
    episodes: 3,
    transitions: 12,
    actionShape: [2],
    missingNextObservations: 0,
    archived: false
  })
  expect(await left()).toEqual([dataset.id])
  const { columns } = await loadDataset(join(root, 'datasets', dataset.id))
  expect(columns.episodes.map(episode => episode.length)).toEqual([4, 5, 3])
  // The same content again: the same dataset.
  const again = await collect(supervisor.inspect(join(fixtures, 'd4rl-next.hdf5')))
  const second = await collect(supervisor.commit(again.report.inspectionId, 'other name', {}))
  expect(second.dataset.id).toBe(dataset.id)
  expect(await left()).toEqual([dataset.id])
})

test('importing again mends a dataset whose files are damaged or gone, as its error says', async () => {
  const supervisor = supervise()
  const imported = async () => {
    const { report } = await collect(supervisor.inspect(join(fixtures, 'd4rl-next.hdf5')))
    return (await collect(supervisor.commit(report.inspectionId, 'data', { actionBounds: '-1 1' }))).dataset
  }
  const { id } = await imported()
  const folder = join(root, 'datasets', id)
  const columns = join(folder, 'columns.safetensors')
  for (const damage of [
    () => appendFile(columns, 'x'),
    () => rm(columns),
    () => rm(join(folder, 'dataset.json'))
  ]) {
    await damage()
    await expect(loadDataset(folder)).rejects.toThrow()
    expect((await imported()).id).toBe(id)
    expect((await loadDataset(folder)).columns.episodes).toHaveLength(3)
    expect(await left()).toEqual([id])
  }
})

test('open questions, unknown inspections and changed files are refused with a sentence', async () => {
  const supervisor = supervise()
  const path = join(root, 'minerva.csv')
  await writeFile(path, await readFile(join(fixtures, 'minerva.csv')))
  const { report } = await collect(supervisor.inspect(path))
  expect(await failure(supervisor.commit(report.inspectionId, 'x', {}))).toMatchObject({
    code: 'missing-answer',
    details: { question: 'endReason' }
  })
  await writeFile(path, 'episode,observation:0,action:0\n')
  const changed = await failure(supervisor.commit(report.inspectionId, 'x', { endReason: 'cut' }))
  expect(changed).toMatchObject({
    code: 'conflict',
    message: 'minerva.csv has changed since it was inspected; choose it again'
  })
  supervisor.discard(report.inspectionId)
  expect((await failure(supervisor.commit(report.inspectionId, 'x', {}))).code).toBe('not-found')
  expect((await failure(supervisor.inspect(join(root, 'nowhere.csv')))).code).toBe('not-found')
  expect(await left()).toEqual([])
})

const hopper = join(import.meta.dirname, '../../../../shared/datasets/cs285-hopper-expert-v4.hdf5')
test.skipIf(!existsSync(hopper))(
  `the dynamics of a robot are checked at inspection, kept with the dataset, and checked again${existsSync(hopper) ? '' : ' (SKIPPED: no ../shared/datasets)'}`,
  async () => {
    const supervisor = supervise()
    const { report, items } = await collect(supervisor.inspect(hopper))
    expect(items.some(item => item.kind === 'progress' && item.phase === 'checking the dynamics')).toBe(true)
    expect(report.dynamics).toMatchObject({ fits: 'hopper-v4', source: 'observations' })
    expect(report.because).toContain('hopper-v4')
    const { dataset, items: written } = await collect(supervisor.commit(report.inspectionId, 'hopper', {}))
    expect(dataset.environmentId).toBe('hopper-v4')
    // The same columns: the check of the inspection is kept.
    const phases = written.map(item => (item.kind === 'progress' ? item.phase : item.kind))
    expect(phases).toContain('computing statistics')
    expect(phases).not.toContain('checking the dynamics')
    const folder = join(root, 'datasets', dataset.id)
    expect(await readDynamics(folder)).toEqual(report.dynamics)
    const library = createDatasetLibrary(join(root, 'datasets'), supervisor)
    await rm(join(folder, 'dynamics.json'))
    expect(await library.dynamics(dataset)).toMatchObject({ check: null, checkable: true })
    expect((await library.checkDynamics(dataset)).check).toEqual(report.dynamics)
    expect((await library.dynamics(dataset)).check).toEqual(report.dynamics)
    const { positions, positionsFrom } = await library.episode(dataset, 1)
    expect([positions?.shape, positionsFrom]).toEqual([[1001, 6], 'observations'])
    library.close()
  },
  60_000
)

/** Eight rows of a robot's sizes whose ends are asked for. */
async function robotRows(): Promise<string> {
  const columns = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}:${i}`)
  const lines = [[...columns('observation', 11), ...columns('action', 3), 'reward'].join()]
  for (let row = 0; row < 8; row++)
    lines.push([...Array<number>(11).fill(row / 10), ...Array<number>(3).fill(0.1), 1].join())
  const path = join(root, 'hopper-medium-v2.csv')
  await writeFile(path, lines.join('\n') + '\n')
  return path
}

test('the dynamics are checked again where an answer makes other columns', async () => {
  const supervisor = supervise()
  const { report } = await collect(supervisor.inspect(await robotRows()))
  expect(report.dynamics).toMatchObject({ rows: 8, skipped: { withoutNext: 1 } })
  const answers = { horizon: '2', endReason: 'truncated' }
  const { dataset, items } = await collect(supervisor.commit(report.inspectionId, 'rows', answers))
  expect(items.some(item => item.kind === 'progress' && item.phase === 'checking the dynamics')).toBe(true)
  const check = await readDynamics(join(root, 'datasets', dataset.id))
  expect(check).toMatchObject({ rows: 8, skipped: { withoutNext: 4 } })
})

test('a file or folder that changes while it is read is told so, and nothing is kept', async () => {
  const path = join(root, 'growing.csv')
  const original = await readFile(join(fixtures, 'final.csv'))
  await writeFile(path, original)
  let change: (() => void) | null = null
  const supervisor = supervise(watchedHost(child => child.onMessage(() => change?.())))
  const { report } = await collect(supervisor.inspect(path))
  change = () => appendFileSync(path, '\n9')
  const sentence = { code: 'conflict', message: 'growing.csv has changed while it was read; choose it again' }
  expect(await failure(supervisor.commit(report.inspectionId, 'x', {}))).toMatchObject(sentence)
  await writeFile(path, original)
  expect(await failure(supervisor.inspect(path))).toMatchObject(sentence)
  change = null
  const folder = join(root, 'minari')
  await cp(join(fixtures, 'minari-arrow'), folder, { recursive: true })
  const picked = (await collect(supervisor.inspect(folder))).report
  await appendFile(join(folder, 'data/1/part-0.arrow'), ' ')
  expect(await failure(supervisor.commit(picked.inspectionId, 'x', {}))).toMatchObject({
    code: 'conflict',
    message: 'minari has changed since it was inspected; choose it again'
  })
  expect(await left()).toEqual([])
})

test('a dataset that fits no robot is refused a check in a sentence', async () => {
  const supervisor = supervise()
  const { dataset } = await collect(supervisor.make('crossroads', 0))
  const error: unknown = await supervisor
    .check(join(root, 'datasets', dataset.id), dataset.name)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'unsupported' })
  expect((error as UserError).message).toContain('fits no simulated robot')
})

test('recipes, filters and combinations are made in the same process, with lineage', async () => {
  const supervisor = supervise()
  const { dataset } = await collect(supervisor.make('crossroads', 0))
  expect(dataset).toMatchObject({
    episodes: 200,
    environmentId: 'crossroads',
    endReasons: { terminated: 200 }
  })
  const folder = join(root, 'datasets', dataset.id)
  const open = { minimumReturn: null, maximumReturn: null, minimumLength: null, maximumLength: null }
  const good = (await collect(supervisor.filter(folder, 'good', { ...open, minimumReturn: 0.5 }))).dataset
  expect(good).toMatchObject({ episodes: 40, meanReturn: 1 })
  expect(good.parents).toEqual([
    { datasetId: dataset.id, name: dataset.name, operation: 'filtered to return from 0.5' }
  ])
  const both = (await collect(supervisor.combine([folder, join(root, 'datasets', good.id)], 'both'))).dataset
  expect(both.episodes).toBe(240)
  const { columns } = await loadDataset(join(root, 'datasets', both.id))
  expect(columns.episodes.filter(episode => episode.source.startsWith('good')).length).toBe(40)
  const nothing = await failure(supervisor.filter(folder, 'none', { ...open, minimumReturn: 9 }))
  expect(nothing.code).toBe('incompatible-data')
  const other = (await collect(supervisor.inspect(join(fixtures, 'minari-dict-hdf5')))).report
  const foreign = (await collect(supervisor.commit(other.inspectionId, 'foreign', {}))).dataset
  const mixed = await failure(supervisor.combine([folder, join(root, 'datasets', foreign.id)], 'mixed'))
  expect(mixed).toMatchObject({
    code: 'incompatible-data',
    message: expect.stringContaining('differ in observations: 2 numbers and 4') as string
  })
  expect((await failure(supervisor.make('nothing', 0))).code).toBe('not-found')
  expect((await readdir(places().staging)).length).toBe(0)
})

test('cancelling ends the process and keeps nothing, at any moment', async () => {
  const path = await largeTable(20_000)
  for (const messages of [0, 1, 2]) {
    const controller = new AbortController()
    const exits: Promise<unknown>[] = []
    const supervisor = supervise(
      watchedHost(child => {
        exits.push(new Promise(resolve => child.onExit(() => resolve(null))))
        let seen = 0
        if (messages === 0) controller.abort()
        child.onMessage(() => {
          if (++seen === messages) controller.abort()
        })
      })
    )
    expect((await failure(supervisor.inspect(path, controller.signal))).code).toBe('import-cancelled')
    await Promise.all(exits)
    expect((await failure(supervisor.inspect(path, controller.signal))).code).toBe('import-cancelled')
  }
  expect(await left()).toEqual([])
})

test('closing the supervisor ends what runs', async () => {
  const path = await largeTable(20_000)
  const supervisor = supervise(watchedHost(child => child.onMessage(() => supervisor.close())))
  expect((await failure(supervisor.inspect(path))).code).toBe('import-cancelled')
})

test('a file that grows beyond the memory limit is stopped with its size named', async () => {
  const supervisor = supervise(nodeProcessHost(), { memoryBytes: 256 << 20 })
  const error = await failure(supervisor.inspect(join(fixtures, 'bomb.hdf5')))
  expect(error.code).toBe('import-memory')
  expect(error.message).toMatch(
    /^reading bomb\.hdf5 took \d+ MB of memory, more than the 256 MB allowed; the file may be damaged, or has to be split$/
  )
  expect(await left()).toEqual([])
})

/** An entry that does what a test wants instead of importing. */
async function standIn(code: string): Promise<ProcessHost> {
  const path = join(root, 'standIn.mjs')
  await writeFile(path, code)
  return nodeProcessHost(() => path)
}

test('an importer that hangs is stopped after the time without progress', async () => {
  const host = await standIn(
    `process.send({ kind: 'ready', memoryBytes: 0 }); process.on('message', () => { for (;;); })`
  )
  const error = await failure(
    supervise(host, { secondsWithoutProgress: 0.4, memoryBytes: 2 ** 33 }).inspect(
      join(fixtures, 'final.csv')
    )
  )
  expect(error).toMatchObject({
    code: 'import-timeout',
    message: 'reading final.csv made no progress for 0.4 s and was stopped; the file may be damaged'
  })
})

test('time in which everything stood still is not held against an importer', async () => {
  const code = `process.send({ kind: 'ready', memoryBytes: 0 })
    process.on('message', () => setTimeout(() => process.send({ kind: 'report', report: {}, dynamics: null }), 3000))`
  const standStill = () => {
    const end = performance.now() + 2500
    while (performance.now() < end);
  }
  let begun = false
  const host = watchedHost(
    child =>
      child.onMessage(() => {
        // After the first message was taken.
        if (!begun) setImmediate(standStill)
        begun = true
      }),
    await standIn(code)
  )
  const limits = { secondsWithoutProgress: 2, memoryBytes: 2 ** 33 }
  const { items } = await collect(supervise(host, limits).inspect(join(fixtures, 'final.csv')))
  expect(items.map(item => item.kind)).toEqual(['report'])
})

test('an importer that dies is reported, not waited for', async () => {
  const host = await standIn(`process.on('message', () => process.kill(process.pid, 'SIGABRT'))`)
  const error = await failure(supervise(host).inspect(join(fixtures, 'final.csv')))
  expect(error).toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining('stopped with SIGABRT') as string
  })
})

test('30 kills during a commit: nothing is visible and nothing is left', { timeout: 300_000 }, async () => {
  const path = await largeTable(5_000)
  const random = new RandomSequence(1, 'kills')
  let killWithin: number | null = null
  const supervisor = supervise(
    watchedHost(child => {
      if (killWithin === null) return
      const timer = setTimeout(() => child.kill(), random.uniform(0, killWithin))
      child.onExit(() => clearTimeout(timer))
    })
  )
  const inspectionId = async () => (await collect(supervisor.inspect(path))).report.inspectionId
  const first = await inspectionId()
  const started = performance.now()
  const whole = (await collect(supervisor.commit(first, 'whole', {}))).dataset
  const duration = performance.now() - started
  await rm(join(root, 'datasets', whole.id), { recursive: true })
  let id = await inspectionId()
  for (let killed = 0; killed < 30;) {
    killWithin = duration
    const outcome = await collect(supervisor.commit(id, 'x', {})).then(
      result => result.dataset,
      (error: unknown) => error
    )
    killWithin = null
    if (outcome instanceof UserError) killed++
    else {
      // It was faster than the kill: then it is whole.
      expect((await loadDataset(join(root, 'datasets', whole.id))).columns.episodes.length).toBe(50)
      await rm(join(root, 'datasets', whole.id), { recursive: true })
      id = await inspectionId()
    }
    expect(await left()).toEqual([])
  }
})
