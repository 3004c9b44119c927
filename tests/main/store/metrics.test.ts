import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { examine } from '../../../src-main/store/doctor.ts'
import { pointsAfter } from '../../../src-main/store/follow.ts'
import {
  appendPoints,
  chunkPoints,
  findKeyId,
  newestSequence,
  readPoints,
  seriesFacts
} from '../../../src-main/store/metrics.ts'
import { sealRun, sealTail } from '../../../src-main/store/seal.ts'
import { beginSegment } from '../../../src-main/store/segments.ts'
import { querySeries } from '../../../src-main/store/series.ts'
import { all, connection, one, run, type WritableDb } from '../../../src-main/store/sql.ts'
import { addRuns, temporaryStore } from './support.ts'

const everything = { maxPoints: 2000, fromStep: null, toStep: null, smoothing: 0 }

function append(db: WritableDb, runId: string, key: string, values: readonly number[], firstStep = 0): void {
  const steps = values.map((_, i) => firstStep + i)
  appendPoints(db, runId, [{ key, steps, seconds: steps.map(step => step / 10), values }])
}

function storeWithRuns(...ids: string[]) {
  const store = temporaryStore()
  addRuns(store.db, ...ids)
  return store
}

const chunkCount = (db: WritableDb) => one<{ n: number }>(db, 'SELECT count(*) AS n FROM metric_chunks')!.n

describe('stored points', () => {
  it('keep NaN, infinities and -0, in the tail and in a chunk', () => {
    const { db } = storeWithRuns('r')
    const values = [1, NaN, Infinity, -Infinity, -0, 1e-320]
    append(db, 'r', 'loss', values)
    const keyId = findKeyId(db, 'loss')!
    for (const sealed of [false, true]) {
      if (sealed) sealRun(db, 'r')
      expect(chunkCount(db)).toBe(sealed ? 1 : 0)
      const [points] = readPoints(db, 'r', keyId)
      expect([...points.values].map(value => (Object.is(value, -0) ? '-0' : value))).toEqual([
        1,
        NaN,
        Infinity,
        -Infinity,
        '-0',
        1e-320
      ])
      expect([...points.seconds]).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    }
    expect(seriesFacts(db, 'r')).toEqual([
      { runId: 'r', key: 'loss', points: 6, nonFinite: 3, lastStep: 5, lastValue: 1e-320 }
    ])
  })

  it('are sealed in chunks of 4096, cutting a block in two, without changing any answer', () => {
    const { db } = storeWithRuns('r')
    for (let first = 0; first < 9000; first += 900) {
      append(
        db,
        'r',
        'loss',
        Array.from({ length: 900 }, (_, i) => Math.sin(first + i)),
        first
      )
    }
    const before = querySeries(db, 'r', 'loss', { ...everything, maxPoints: 100 })
    const followed = [...pointsAfter(db, ['r'], 0)].flatMap(batch => batch.points)
    const keyId = findKeyId(db, 'loss')!
    expect(sealTail(db, { runId: 'r', keyId })).toBe(true)
    expect(sealTail(db, { runId: 'r', keyId })).toBe(false)
    expect(all(db, 'SELECT points FROM metric_chunks')).toEqual([
      { points: chunkPoints },
      { points: chunkPoints }
    ])
    expect(querySeries(db, 'r', 'loss', { ...everything, maxPoints: 100 })).toEqual(before)
    expect([...pointsAfter(db, ['r'], 0)].flatMap(batch => batch.points)).toEqual(followed)
    sealRun(db, 'r')
    expect(one(db, 'SELECT count(*) AS n FROM metric_tail')).toEqual({ n: 0 })
    expect(querySeries(db, 'r', 'loss', { ...everything, maxPoints: 100 })).toEqual(before)
    expect([...pointsAfter(db, ['r'], 0)].flatMap(batch => batch.points)).toEqual(followed)
  })

  it('are written all or none', () => {
    const { db } = storeWithRuns('r')
    const bad = {
      key: 'b',
      get steps(): number[] {
        throw new Error('bad block')
      },
      seconds: [0],
      values: [0]
    }
    expect(() => appendPoints(db, 'r', [{ key: 'a', steps: [0], seconds: [0], values: [0] }, bad])).toThrow(
      'bad block'
    )
    expect(seriesFacts(db, 'r')).toEqual([])
    expect(newestSequence(db)).toBe(0)
  })
})

describe('a damaged store', () => {
  it('reports every flipped byte of a chunk or block and never gives a wrong curve', () => {
    const { db, home } = storeWithRuns('r', 's')
    append(
      db,
      'r',
      'loss',
      Array.from({ length: 500 }, (_, i) => Math.sin(i))
    )
    append(
      db,
      's',
      'loss',
      Array.from({ length: 50 }, (_, i) => Math.cos(i))
    )
    sealRun(db, 'r')
    const random = new RandomSequence(3, 'flips')
    const tables = [
      { table: 'metric_chunks', runId: 'r', columns: ['data', 'summary'] },
      { table: 'metric_tail', runId: 's', columns: ['data'] }
    ]
    for (let flip = 0; flip < 200; flip++) {
      const { table, runId, columns } = tables[flip % 2]
      const column = columns[random.integer(columns.length)]
      const { bytes } = one<{ bytes: Uint8Array }>(db, `SELECT ${column} AS bytes FROM ${table}`)!
      const damaged = Uint8Array.from(bytes)
      damaged[random.integer(damaged.length)] ^= 1 << random.integer(8)
      run(db, `UPDATE ${table} SET ${column} = ?`, damaged)
      expect(() => querySeries(db, runId, 'loss', everything)).toThrow(
        expect.objectContaining({ code: 'store-corrupt' })
      )
      run(db, `UPDATE ${table} SET ${column} = ?`, bytes)
      querySeries(db, runId, 'loss', everything)
    }
    run(db, 'UPDATE metric_chunks SET first_step = 7')
    expect(() => querySeries(db, 'r', 'loss', everything)).toThrow(
      expect.objectContaining({ code: 'store-corrupt' })
    )
    connection(db).pragma('wal_checkpoint(TRUNCATE)')
    const report = examine(home)
    expect(report.healthy).toBe(false)
    expect(report.damaged).toEqual([{ runId: 'r', key: 'loss', firstStep: 7, lastStep: 499, points: 500 }])
  })
})

describe('a resumed run', () => {
  it('hides what it computes again, marks the seam and counts visible points only', () => {
    const { db } = storeWithRuns('r')
    append(db, 'r', 'loss', [0, 1, 2, 3, 4, 5])
    beginSegment(db, 'r', 3)
    expect(seriesFacts(db, 'r')[0]).toMatchObject({ points: 4, lastStep: 3, lastValue: 3 })
    append(db, 'r', 'loss', [40, 50, 60], 4)
    const series = querySeries(db, 'r', 'loss', everything)
    expect([...series.values]).toEqual([0, 1, 2, 3, 40, 50, 60])
    expect([...series.steps]).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(series.seams).toEqual([3])
    expect([...pointsAfter(db, ['r'], 0)].flatMap(batch => batch.points).map(point => point.value)).toEqual([
      0, 1, 2, 3, 40, 50, 60
    ])
    expect(readPoints(db, 'r', findKeyId(db, 'loss')!).map(part => part.values.length)).toEqual([6, 3])
  })

  it('that goes back twice shows the last way only', () => {
    const { db } = storeWithRuns('r')
    append(db, 'r', 'loss', [0, 1, 2, 3, 4])
    beginSegment(db, 'r', 3)
    append(db, 'r', 'loss', [40, 50], 4)
    beginSegment(db, 'r', 1)
    append(db, 'r', 'loss', [200, 300], 2)
    const series = querySeries(db, 'r', 'loss', everything)
    expect([...series.values]).toEqual([0, 1, 200, 300])
    expect(series.seams).toEqual([1])
  })
})

describe('pointsAfter', () => {
  it('gives each point of the wanted runs once, in the order written, from any cursor', () => {
    const { db } = storeWithRuns('r', 's', 't')
    for (let step = 0; step < 30; step++) {
      for (const id of ['r', 's', 't']) append(db, id, step % 3 === 0 ? 'a' : 'b', [step], step)
      if (step === 10) sealRun(db, 'r')
    }
    const whole = [...pointsAfter(db, ['r', 't'], 0)].flatMap(batch => batch.points)
    expect(whole).toHaveLength(60)
    expect(whole.map(point => point.step)).toEqual(Array.from({ length: 60 }, (_, i) => Math.floor(i / 2)))
    for (let cursor = 0; cursor <= newestSequence(db); cursor++) {
      const rest = [...pointsAfter(db, ['r', 't'], cursor)].flatMap(batch => batch.points)
      expect(whole.slice(whole.length - rest.length)).toEqual(rest)
      const skipped = Math.floor(cursor / 3) * 2 + (cursor % 3 > 0 ? 1 : 0)
      expect(rest).toHaveLength(60 - skipped)
    }
    expect([...pointsAfter(db, ['r'], newestSequence(db))]).toEqual([])
  })

  it('goes on where the last batch ended, over many batches and a thousand runs', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `r${i}`)
    const { db } = storeWithRuns(...ids)
    for (const id of ids) append(db, id, 'loss', [1, 2, 3])
    for (const id of ids) for (const key of ['a', 'b', 'c']) append(db, id, key, [1])
    let [cursor, points] = [0, 0]
    for (const batch of pointsAfter(db, ids.slice(0, 200), 0)) {
      expect(batch.cursor).toBeGreaterThan(cursor)
      cursor = batch.cursor
      points += batch.points.length
    }
    expect(points).toBe(200 * 6)
    expect(ids.flatMap(id => seriesFacts(db, id))).toHaveLength(4000)
  })
})
