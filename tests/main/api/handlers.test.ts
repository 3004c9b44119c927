import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addCheckpoint } from '../../../src-main/store/checkpoints.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { datasetFolder, rolloutFolder, runFolder } from '../../../src-main/store/home.ts'
import { appendLog } from '../../../src-main/store/log.ts'
import { updateRun } from '../../../src-main/store/runs.ts'
import { addRuns } from '../store/support.ts'
import { apiFixture, take } from './support.ts'

describe('app', () => {
  it('describes the host and keeps settings, defaults filled in', async () => {
    const { client, services } = apiFixture()
    expect(await client.app.info({})).toMatchObject({
      host: 'serve',
      capabilities: { nativeDialog: false, revealFile: false },
      engines: [{ id: 'eager' }]
    })
    expect(await client.app.settings({})).toMatchObject({ theme: 'system', slots: 1 })
    expect(await client.app.saveSettings({ theme: 'dark', slots: 3 })).toMatchObject({
      theme: 'dark',
      slots: 3
    })
    expect(await client.app.settings({})).toMatchObject({ theme: 'dark', slots: 3, palette: 'default' })
    expect(services.runs.slots(null).slots).toBe(3)
    await expect(client.app.saveSettings({ slots: 0 })).rejects.toMatchObject({ code: 'invalid-params' })
  })
})

describe('files', () => {
  it('says that a headless host has no dialog, and uses the one a desktop has', async () => {
    const headless = apiFixture()
    await expect(headless.client.files.pick({ kind: 'file' })).rejects.toMatchObject({ code: 'unsupported' })
    await expect(headless.client.files.reveal({ kind: 'home', id: '' })).rejects.toMatchObject({
      code: 'unsupported'
    })
    const revealed: string[] = []
    const answers: (string | null)[] = [import.meta.filename, null]
    const desktop = apiFixture({
      host: { pick: async () => answers.shift()!, reveal: async path => void revealed.push(path) }
    })
    expect(await desktop.client.files.pick({ kind: 'file' })).toMatchObject({
      name: 'handlers.test.ts',
      kind: 'file'
    })
    expect(await desktop.client.files.pick({ kind: 'file' })).toBeNull()
    addRuns(desktop.store.db, 'a')
    await desktop.client.files.reveal({ kind: 'run', id: 'a' })
    expect(revealed).toEqual([runFolder(desktop.store.home, 'a')])
    await expect(desktop.client.files.reveal({ kind: 'run', id: '../..' })).rejects.toMatchObject({
      code: 'not-found'
    })
  })

  it('lists allowed folders by handle', async () => {
    const { client } = apiFixture({ roots: [import.meta.dirname] })
    const { entries } = await client.files.list({})
    const inside = await client.files.list({ handle: entries[0].handle })
    expect(inside.entries.map(({ name }) => name)).toContain('handlers.test.ts')
    await expect(client.files.list({ handle: '/' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('datasets and imports', () => {
  it('make a dataset in its own process and show every side of it', { timeout: 60_000 }, async () => {
    const { client } = apiFixture()
    const followed = take(client.datasets.follow({}), items =>
      items.some(({ changed }) => changed.length > 0)
    )
    const progress = await take(client.datasets.make({ recipe: 'crossroads' }), () => false)
    const last = progress.at(-1)!
    if (last.kind !== 'imported') throw new Error('the stream ended without a dataset')
    const { id } = last.dataset
    expect((await followed).at(-1)!.changed.map(dataset => dataset.id)).toEqual([id])
    expect(await client.datasets.get({ id })).toEqual(last.dataset)
    expect(await client.datasets.list({})).toEqual([last.dataset])
    const summary = await client.datasets.summary({ id })
    expect(summary.returns.counts.reduce((sum, count) => sum + count)).toBe(200)
    const page = await client.datasets.episodes({ id, limit: 5, sort: 'return', descending: true })
    expect(page).toMatchObject({ total: 200, rows: [{ return: 1 }, {}, {}, {}, {}] })
    const episode = await client.datasets.episode({ id, index: page.rows[0].index })
    expect(episode.observations.shape).toEqual([page.rows[0].length + 1, 2])
    const map = await client.datasets.map({ id, x: 0, y: 1, bins: 20 })
    expect(map.counts.shape).toEqual([20, 20])
    await expect(client.datasets.map({ id, x: 0, y: 2 })).rejects.toMatchObject({ code: 'invalid-params' })
    const best = await client.datasets.filter({ id, name: 'Best', minimumReturn: 0.9 })
    expect(best).toMatchObject({ name: 'Best', episodes: 40, parents: [{ datasetId: id }] })
    await expect(client.datasets.combine({ ids: [id, id], name: 'Twice' })).rejects.toMatchObject({
      code: 'conflict'
    })
    const both = await client.datasets.combine({ ids: [id, best.id], name: 'Both' })
    expect(both.episodes).toBe(240)
    expect(await client.datasets.edit({ id, note: 'seen' })).toMatchObject({
      note: 'seen',
      name: last.dataset.name
    })
    await client.datasets.archive({ id: best.id, archived: true })
    expect((await client.datasets.list({})).map(dataset => dataset.id)).not.toContain(best.id)
  })

  it('inspect a listed file, then import it with a name', { timeout: 60_000 }, async () => {
    const { client, store } = apiFixture()
    const folder = join(store.home.root, 'files')
    mkdirSync(folder)
    const rows = [
      'episode,x,action,reward,terminated',
      ...[0, 1, 2, 3].map(i => `${i >> 1},${i},0.5,1,${i % 2}`)
    ]
    writeFileSync(join(folder, 'walks.csv'), rows.join('\n') + '\n')
    const files = apiFixture({ roots: [folder] })
    const [root] = (await files.client.files.list({})).entries
    const [file] = (await files.client.files.list({ handle: root.handle })).entries
    const inspected = (await take(files.client.imports.inspect({ handle: file.handle }), () => false)).at(-1)!
    if (inspected.kind !== 'report') throw new Error('the stream ended without a report')
    expect(inspected.report).toMatchObject({ sourceName: 'walks.csv', transitions: 4 })
    expect(await files.client.datasets.list({})).toEqual([])
    await files.client.imports.discard({ inspectionId: inspected.report.inspectionId })
    const late = files.client.imports.commit({
      inspectionId: inspected.report.inspectionId,
      name: 'Walks',
      answers: {}
    })
    await expect(take(late, () => false)).rejects.toMatchObject({ code: 'not-found' })
    await expect(take(client.imports.inspect({ handle: file.handle }), () => false)).rejects.toMatchObject({
      code: 'not-found'
    })
  })

  it('are removed with their folder, but not while runs use them', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    mkdirSync(datasetFolder(store.home, 'walks'))
    await expect(client.datasets.remove({ id: 'walks' })).rejects.toMatchObject({
      code: 'conflict',
      details: { runs: 1 }
    })
    expect(existsSync(datasetFolder(store.home, 'walks'))).toBe(true)
    await client.runs.remove({ ids: ['a'] })
    const followed = take(client.datasets.follow({}), items =>
      items.some(({ removed }) => removed.length > 0)
    )
    await client.datasets.remove({ id: 'walks' })
    expect((await followed).at(-1)).toEqual({ changed: [], removed: ['walks'] })
    expect(existsSync(datasetFolder(store.home, 'walks'))).toBe(false)
    await expect(client.datasets.get({ id: 'walks' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('algorithms and environments', () => {
  it('describe themselves with a form that their own defaults pass', async () => {
    const { client } = apiFixture()
    const infos = await client.algorithms.list({})
    expect(infos.map(({ id }) => id)).toEqual(['bc', 'filteredBc', 'awr', 'awac', 'iql'])
    for (const { id, fields } of infos) {
      const checked = await client.algorithms.validate({ algorithm: id, config: {} })
      expect(checked.problems).toEqual([])
      expect(Object.keys(checked.config)).toEqual(expect.arrayContaining(fields.map(({ name }) => name)))
    }
    expect((await client.environments.list({})).map(({ id }) => id)).toContain('crossroads')
  })

  it('name the field that is wrong, a field that does not exist, and what the data lacks', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    const wrong = await client.algorithms.validate({ algorithm: 'iql', config: { batchSize: -1 } })
    expect(wrong.problems.map(({ field }) => field)).toEqual(['batchSize'])
    const unknown = await client.algorithms.validate({ algorithm: 'bc', config: { tau: 1 } })
    expect(unknown.problems).toMatchObject([{ field: 'tau' }])
    const lacking = { ...(await client.datasets.get({ id: 'walks' })), hasRewards: false }
    addDataset(store.db, lacking)
    const validated = await client.algorithms.validate({ algorithm: 'iql', config: {}, datasetId: 'walks' })
    expect(validated.problems).toMatchObject([
      { field: null, text: expect.stringContaining('needs rewards') }
    ])
    expect(
      (await client.algorithms.validate({ algorithm: 'bc', config: {}, datasetId: 'walks' })).problems
    ).toEqual([])
    await expect(client.algorithms.validate({ algorithm: 'dqn', config: {} })).rejects.toMatchObject({
      code: 'not-found'
    })
  })
})

describe('runs', () => {
  const plan = {
    name: 'x',
    datasets: ['walks'],
    algorithms: [{ algorithm: 'bc', config: {} }],
    seeds: [0, 1]
  }

  it('are estimated, created, moved through their states, edited and archived', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a', 'b')
    expect(await client.runs.estimate(plan)).toMatchObject({ runs: 2, problems: [] })
    const created = await client.runs.create(plan)
    expect(created.runIds).toEqual(['a', 'b'])
    expect(created.runs.map(({ id }) => id)).toEqual(created.runIds)
    expect((await client.runs.pause({ ids: ['a'] }))[0].state).toBe('paused')
    expect((await client.runs.resume({ ids: ['a'] }))[0].state).toBe('queued')
    expect((await client.runs.stop({ ids: ['a', 'b'] })).map(({ state }) => state)).toEqual([
      'stopped',
      'stopped'
    ])
    expect(await client.runs.edit({ id: 'a', name: 'Mine' })).toMatchObject({ name: 'Mine', note: '' })
    await client.runs.archive({ ids: ['a'], archived: true })
    expect((await client.runs.list({})).map(({ id }) => id)).toEqual(['b'])
    expect(await client.runs.list({ archived: true })).toHaveLength(2)
    expect(await client.runs.slots({ set: 2 })).toEqual({ slots: 2, cores: 4 })
    expect(await client.runs.export({ id: 'a', what: 'metrics' })).toMatchObject({ name: 'a-metrics' })
    const calls = [
      () => client.runs.pause({ ids: ['z'] }),
      () => client.runs.get({ id: 'z' }),
      () => client.runs.export({ id: 'z', what: 'policy' })
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not-found' })
  })

  it('of a large plan are all created and moved; the answer holds those that fit a frame', async () => {
    const { client, store } = apiFixture()
    const ids = Array.from({ length: 1500 }, (_, i) => `r${i}`)
    addRuns(store.db, ...ids)
    const paused = await client.runs.pause({ ids })
    expect(paused.length).toBeLessThan(1500)
    expect(paused.map(({ id }) => id)).toEqual(ids.slice(0, paused.length))
    const states = new Set<string>()
    let seen = 0
    for (let page = await client.runs.list({}); page.length > 0;) {
      for (const run of page) states.add(run.state)
      seen += page.length
      page = await client.runs.list({ offset: seen })
    }
    expect(seen).toBe(1500)
    expect(states).toEqual(new Set(['paused']))
    expect(await client.metrics.keys({ runIds: ids })).toEqual([])
    expect(
      (await client.compare.compare({ runIds: ids })).groups.flatMap(group => group.runIds)
    ).toHaveLength(1500)
  })

  it('know their place in the queue', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a', 'b', 'c')
    updateRun(store.db, 'b', { state: 'paused', queueOrder: null })
    const places = (await client.runs.list({})).map(({ id, queuePosition }) => [id, queuePosition])
    expect(Object.fromEntries(places)).toEqual({ a: 0, b: null, c: 1 })
    expect((await client.runs.get({ id: 'c' })).queuePosition).toBe(1)
  })

  it('are removed with their folder, but not while active', async () => {
    const { client, store, active } = apiFixture()
    addRuns(store.db, 'a', 'b')
    mkdirSync(rolloutFolder(store.home, 'a'), { recursive: true })
    active.add('b')
    await expect(client.runs.remove({ ids: ['a', 'b'] })).rejects.toMatchObject({
      code: 'conflict',
      details: { id: 'b' }
    })
    expect(await client.runs.list({})).toHaveLength(2)
    await client.runs.remove({ ids: ['a'] })
    expect(existsSync(runFolder(store.home, 'a'))).toBe(false)
    expect((await client.runs.list({})).map(({ id }) => id)).toEqual(['b'])
  })

  it('are followed: all of them first, in pages, then what changes and what is removed', async () => {
    const { client, store, changes } = apiFixture()
    const ids = Array.from({ length: 1500 }, (_, i) => `r${i}`)
    addRuns(store.db, ...ids)
    const items = await take(client.runs.follow({}), list => {
      const seen = list.reduce((sum, { changed }) => sum + changed.length, 0)
      if (seen === 1500) {
        updateRun(store.db, 'r7', { state: 'running' })
        changes.runsChanged(['r7'])
      }
      if (seen === 1501 && list.at(-1)!.removed.length === 0) void client.runs.remove({ ids: ['r8'] })
      return list.at(-1)!.removed.length > 0
    })
    expect(items.length).toBeGreaterThan(3)
    expect(items.flatMap(({ changed }) => changed).at(-1)).toMatchObject({ id: 'r7', state: 'running' })
    expect(items.at(-1)!.removed).toEqual(['r8'])
  })

  it('show their checkpoints and log, and the log as it grows', async () => {
    const { client, store, changes } = apiFixture()
    addRuns(store.db, 'a', 'b')
    addCheckpoint(store.db, 'a', { step: 5, file: 'five', sizeBytes: 9, kind: 'final' })
    const [checkpoint] = await client.runs.checkpoints({ id: 'a' })
    expect(checkpoint).toEqual({ step: 5, sizeBytes: 9, kind: 'final', createdAt: checkpoint.createdAt })
    const say = (id: string, text: string) => {
      appendLog(store.db, id, { level: 'info', step: 1, text })
      changes.logAppended(id)
    }
    say('a', 'one')
    const lines = await take(client.runs.followLog({ id: 'a' }), list => {
      const count = list.flat().length
      if (count === 1) say('b', 'other')
      if (count === 1) say('a', 'two')
      return count === 2
    })
    expect(lines.flat().map(({ text }) => text)).toEqual(['one', 'two'])
    const [first] = lines.flat()
    expect((await client.runs.log({ id: 'a', after: first.sequence })).map(({ text }) => text)).toEqual([
      'two'
    ])
  })
})
