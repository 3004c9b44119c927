import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { environmentById } from '../../../src-main/environments/index.ts'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { addEvaluation } from '../../../src-main/store/evaluations.ts'
import { rolloutFolder } from '../../../src-main/store/home.ts'
import { appendPoints } from '../../../src-main/store/metrics.ts'
import { beginSegment } from '../../../src-main/store/segments.ts'
import type { WritableDb } from '../../../src-main/store/sql.ts'
import { rolloutFileName, writeRollout } from '../../../src-main/training/rolloutWriter.ts'
import { addRuns, exampleDataset } from '../store/support.ts'
import { apiFixture, take } from './support.ts'

function points(db: WritableDb, runId: string, key: string, values: readonly number[], first = 0): void {
  const steps = values.map((_, i) => first + i)
  appendPoints(db, runId, [{ key, steps, seconds: steps, values }])
}

const evaluation = (step: number, returns: readonly number[], file = 'x') => ({
  step,
  seconds: 1,
  returns: Float64Array.from(returns),
  lengths: Int32Array.from(returns, () => 5),
  outcomes: returns.map(() => 'goal'),
  failedEpisodes: 0,
  score: null,
  rollouts: [{ episode: 0, file, return: returns[0], outcome: 'goal' }]
})

describe('metrics', () => {
  it('list keys of several runs together, with what is known of them', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a', 'b')
    points(store.db, 'a', 'train/actorLoss', [3, 2, 1])
    points(store.db, 'b', 'train/actorLoss', [5, NaN])
    points(store.db, 'b', 'my/own', [1])
    const keys = await client.metrics.keys({ runIds: ['a', 'b'] })
    expect(keys).toMatchObject([
      { key: 'my/own', count: 1, last: 1 },
      { key: 'train/actorLoss', section: 'losses', count: 5, nonFinite: 1, last: 1, lastStep: 2 }
    ])
    expect(await client.metrics.keys({ runIds: ['b'] })).toMatchObject([{}, { last: 'NaN' }])
  })

  it('give one line a run, and fit two hundred of them into one answer', async () => {
    const { client, store } = apiFixture()
    const ids = Array.from({ length: 200 }, (_, i) => `r${i}`)
    addRuns(store.db, ...ids)
    for (const id of ids)
      points(
        store.db,
        id,
        'loss',
        Array.from({ length: 900 }, (_, i) => Math.sin(i))
      )
    const lines = await client.metrics.series({ runIds: ids, key: 'loss', maxPoints: 1000 })
    expect(lines.map(({ runId }) => runId)).toEqual(ids)
    for (const line of lines) {
      expect(line).toMatchObject({ raw: false, total: 900 })
      expect(line.steps.shape[0]).toBeLessThanOrEqual(75)
    }
    const [single] = await client.metrics.series({ runIds: ['r3'], key: 'loss', fromStep: 10, toStep: 12 })
    expect([...decodeColumn(single.steps)]).toEqual([10, 11, 12])
    expect(single.raw).toBe(true)
  })

  it('are followed: stored points first, then new ones, each once, from any cursor', async () => {
    const { client, store, changes } = apiFixture()
    addRuns(store.db, 'a', 'b')
    const add = (id: string, values: readonly number[], first: number) => {
      points(store.db, id, 'loss', values, first)
      changes.pointsAppended(id)
    }
    add('a', [0, 1, 2], 0)
    const batches = await take(client.metrics.follow({ runIds: ['a'], after: 0 }), list => {
      const count = list.flatMap(batch => batch.points).length
      if (count === 3) {
        add('b', [9], 0)
        add('a', [NaN, Infinity], 3)
      }
      return count === 5
    })
    const values = batches.flatMap(batch => batch.points).map(point => point.value)
    expect(values).toEqual([0, 1, 2, 'NaN', 'Infinity'])
    const [rest] = await take(client.metrics.follow({ runIds: ['a'], after: batches[0].cursor }), () => true)
    expect(rest.points.map(({ step }) => step)).toEqual([3, 4])
    const [line] = await client.metrics.series({ runIds: ['a'], key: 'loss' })
    expect(line.cursor).toBe(rest.cursor)
  })

  it('are followed from the present, without what is stored, where no cursor is given', async () => {
    const { client, store, changes } = apiFixture()
    addRuns(store.db, 'a')
    points(store.db, 'a', 'loss', [0, 1, 2])
    const batches = await take(client.metrics.follow({ runIds: ['a'] }), list => {
      if (list.length === 1) {
        points(store.db, 'a', 'loss', [7], 3)
        changes.pointsAppended('a')
      }
      return list.length === 2
    })
    expect(batches[0].points).toEqual([])
    expect(batches[1].points.map(({ step, value }) => [step, value])).toEqual([[3, 7]])
    const [line] = await client.metrics.series({ runIds: ['a'], key: 'loss' })
    expect(line.cursor).toBe(batches[1].cursor)
    expect(batches[0].cursor).toBeLessThan(batches[1].cursor)
  })

  it('come in several frames where one would be too large, without losing a point or the way to go on', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    for (let first = 0; first < 20_000; first += 1000) {
      points(
        store.db,
        'a',
        'loss',
        Array.from({ length: 1000 }, (_, i) => Math.sin(first + i)),
        first
      )
    }
    let count = 0
    const batches = await take(
      client.metrics.follow({ runIds: ['a'], after: 0 }),
      list => (count += list.at(-1)!.points.length) === 20_000
    )
    expect(batches.length).toBeGreaterThan(2)
    expect(batches.flatMap(batch => batch.points).map(({ step }) => step)).toEqual(
      Array.from({ length: 20_000 }, (_, i) => i)
    )
    const half = batches.slice(0, 3).flatMap(batch => batch.points).length
    const [next] = await take(client.metrics.follow({ runIds: ['a'], after: batches[2].cursor }), () => true)
    expect(next.points[0].step).toBe(half)
  })

  it('show a resumed run without its hidden tail', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    points(store.db, 'a', 'loss', [0, 1, 2, 3])
    beginSegment(store.db, 'a', 1)
    points(store.db, 'a', 'loss', [20, 30], 2)
    const [line] = await client.metrics.series({ runIds: ['a'], key: 'loss' })
    expect([...decodeColumn(line.values)]).toEqual([0, 1, 20, 30])
    expect(line.seams).toEqual([1])
  })
})

describe('evaluations and compare', () => {
  it('list evaluations and give a kept rollout with its values', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    const file = rolloutFileName(100, 0)
    await writeRollout(join(rolloutFolder(store.home, 'a'), file), crossroads, 100, {
      ...{ episode: 0, length: 2, return: 1, outcome: 'goal' },
      observations: Float32Array.of(0, 0, 1, 0, 1, 1),
      actions: Float32Array.of(1, 0, 0, 1),
      rewards: Float64Array.of(0, 1),
      q: Float32Array.of(0.5, 1),
      ...{ v: null, returnAdvantage: null, positions: null, velocities: null, terminated: true, goal: null }
    })
    addEvaluation(store.db, 'a', evaluation(100, [1, 0], file))
    expect(await client.evaluations.list({ runId: 'a' })).toMatchObject([
      { step: 100, meanReturn: 0.5, rollouts: [0] }
    ])
    const rollout = await client.evaluations.rollout({ runId: 'a', step: 100, episode: 0 })
    expect(rollout).toMatchObject({ outcome: 'goal', return: 1, values: null, environmentId: 'crossroads' })
    expect(rollout.observations.shape).toEqual([3, 2])
    expect([...decodeColumn(rollout.qValues!)]).toEqual([0.5, 1])
    await expect(client.evaluations.rollout({ runId: 'a', step: 100, episode: 3 })).rejects.toMatchObject({
      code: 'not-found'
    })
  })

  it('give one sentence for a rollout whose file is broken, and go on', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    const file = join(rolloutFolder(store.home, 'a'), rolloutFileName(100, 0))
    addEvaluation(store.db, 'a', evaluation(100, [1], rolloutFileName(100, 0)))
    const ask = () => client.evaluations.rollout({ runId: 'a', step: 100, episode: 0 })
    const refused = {
      code: 'not-found',
      message: expect.stringMatching(
        /^this rollout cannot be read: [^\n]+: it is episode 0 of run "run a" at step 100; evaluate [^\n]+$/
      )
    }
    await expect(ask()).rejects.toMatchObject(refused)
    mkdirSync(dirname(file), { recursive: true })
    for (const bytes of ['', '{}', '\0'.repeat(500), 'not a rollout '.repeat(400)]) {
      writeFileSync(file, bytes)
      await expect(ask()).rejects.toMatchObject(refused)
    }
    expect(await client.evaluations.list({ runId: 'a' })).toHaveLength(1)
  })

  it('tells whose number a request got wrong, however absurd', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    for (const [step, episode] of [
      [1e15, 0],
      [-1, -1],
      [0, Number.MAX_SAFE_INTEGER]
    ])
      await expect(client.evaluations.rollout({ runId: 'a', step, episode })).rejects.toMatchObject({
        code: 'not-found',
        message: `run "run a" keeps no rollout of episode ${episode} at step ${step}`
      })
  })

  it('gives an Ant of 1000 steps and 111 observations, none of them of its joints, in one frame', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    const ant = environmentById('ant-v2')!
    const { positionSize, velocitySize } = ant.robot!
    const noise = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i))
    const width = 111 as const
    expect(ant.observationSize).toBe(width)
    await writeRollout(join(rolloutFolder(store.home, 'a'), rolloutFileName(100, 0)), ant, 100, {
      ...{ episode: 0, length: 1000, return: 1, outcome: 'time', terminated: false, returnAdvantage: null },
      ...{ observations: noise(1001 * width), actions: noise(8000), q: noise(1000), v: noise(1000) },
      ...{ rewards: Float64Array.from(noise(1000)), goal: null },
      ...{ positions: noise(1001 * positionSize), velocities: noise(1001 * velocitySize) }
    })
    addEvaluation(store.db, 'a', evaluation(100, [1], rolloutFileName(100, 0)))
    const rollout = await client.evaluations.rollout({ runId: 'a', step: 100, episode: 0 })
    expect(rollout.observations.shape).toEqual([1001, width])
    expect(rollout.positions!.shape).toEqual([1001, positionSize])
    expect(rollout.advantageFrom).toBe('q')
  })

  it('follow evaluations of several runs: stored ones, a page that ends them, then new ones, each once', async () => {
    const { client, store, changes } = apiFixture()
    addRuns(store.db, 'a', 'b', 'c')
    addEvaluation(store.db, 'a', evaluation(100, [1]))
    const items = await take(client.evaluations.follow({ runIds: ['a', 'gone', 'b'] }), list => {
      if (list.at(-1)?.length === 0) {
        for (const id of ['c', 'b']) {
          addEvaluation(store.db, id, evaluation(200, [2]))
          changes.evaluationAdded(id)
        }
      }
      return list.flat().length === 2
    })
    expect(items.flat().map(({ runId, step }) => [runId, step])).toEqual([
      ['a', 100],
      ['b', 200]
    ])
  })

  it('run a policy anew, with a failed episode as NaN', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a')
    expect(await client.evaluations.run({ runId: 'a' })).toMatchObject({
      ...{ step: 60, episodes: 100, returns: ['NaN', 1], outcomes: ['failed', 'goal'], meanReturn: 'NaN' }
    })
    await expect(client.evaluations.run({ runId: 'a', episodes: 0 })).rejects.toMatchObject({
      code: 'invalid-params'
    })
  })

  it('compare groups of seeds by their last evaluation', async () => {
    const { client, store } = apiFixture()
    addRuns(store.db, 'a', 'b')
    addEvaluation(store.db, 'a', evaluation(100, [1]))
    addEvaluation(store.db, 'b', evaluation(100, [0.5]))
    const comparison = await client.compare.compare({ runIds: ['a', 'b', 'a'] })
    expect(comparison.groups).toMatchObject([
      { runIds: ['a', 'b'], seeds: [0, 1], finalReturn: { n: 2, mean: 0.75 } }
    ])
    expect(comparison.references.map(({ kind }) => kind)).toContain('dataBest')
    await expect(client.compare.compare({ runIds: ['z'] })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('name what is published for datasets, and nothing for others', async () => {
    const { client, store } = apiFixture()
    addDataset(store.db, exampleDataset('walks'))
    addDataset(store.db, { ...exampleDataset('real'), name: 'hopper-medium-v2' })
    addDataset(store.db, { ...exampleDataset('home'), name: 'Hopper, medium', environmentId: 'hopper-v2' })
    const published = await client.compare.published({ datasetIds: ['walks', 'real', 'home', 'real'] })
    const iql = published.filter(({ algorithm, source }) => algorithm === 'iql' && source === 'CORL')
    expect(iql).toMatchObject([
      { datasetId: 'real', dataset: 'hopper-medium-v2', same: true, score: 67.53 },
      { datasetId: 'home', dataset: 'hopper-medium-v2', same: false, score: 67.53 }
    ])
    expect(published.some(({ datasetId }) => datasetId === 'walks')).toBe(false)
    await expect(client.compare.published({ datasetIds: ['z'] })).rejects.toMatchObject({ code: 'not-found' })
  })
})
