import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { querySeries } from '../../../src-main/store/series.ts'
import { MetricWriter } from '../../../src-main/store/metricWriter.ts'
import { seriesFacts } from '../../../src-main/store/metrics.ts'
import { all, connection, run, type WritableDb } from '../../../src-main/store/sql.ts'
import { addRuns, temporaryStore } from './support.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const block = (key: string, first: number, count: number) => {
  const steps = Array.from({ length: count }, (_, i) => first + i)
  return { key, steps, seconds: steps, values: Float64Array.from(steps) }
}

/** Values that do not pack. */
const noise = (key: string, count: number) => ({
  ...block(key, 0, count),
  values: block(key, 0, count).values.map(Math.sin)
})

function setUp() {
  const { db } = temporaryStore()
  addRuns(db, 'r', 's')
  const commits: string[][] = []
  const errors: unknown[] = []
  const writer = new MetricWriter(db, {
    onCommitted: runIds => commits.push([...runIds]),
    onError: error => errors.push(error)
  })
  return { db, writer, commits, errors }
}

const stored = (db: WritableDb, runId: string) =>
  seriesFacts(db, runId).reduce((sum, facts) => sum + facts.points, 0)
const pages = (db: WritableDb) => connection(db).pragma('page_count', { simple: true }) as number

describe('MetricWriter', () => {
  it('commits what it has taken after 250 ms, all runs together', () => {
    const { db, writer, commits } = setUp()
    writer.push('r', [block('loss', 0, 3)])
    vi.advanceTimersByTime(200)
    writer.push('s', [block('loss', 0, 4)])
    expect(stored(db, 'r')).toBe(0)
    vi.advanceTimersByTime(50)
    expect([stored(db, 'r'), stored(db, 's')]).toEqual([3, 4])
    expect(commits).toEqual([['r', 's']])
  })

  it('commits at once when it has a thousand points, in transactions of at most a thousand', () => {
    const { db, writer } = setUp()
    writer.push('r', [block('a', 0, 999)])
    expect(stored(db, 'r')).toBe(0)
    writer.push('r', [block('b', 0, 2500)])
    expect(stored(db, 'r')).toBe(3499)
    const batches = all<{ batch: number }>(db, 'SELECT batch FROM write_marks')
    expect(batches).toEqual([{ batch: 4 }])
    const series = querySeries(db, 'r', 'b', { maxPoints: 2000, fromStep: 990, toStep: 1010, smoothing: 0 })
    expect([...series.values]).toEqual(Array.from({ length: 21 }, (_, i) => 990 + i))
    writer.close()
  })

  it('keeps points while the disk is full, says so, and stores them once there is room', () => {
    const { db, writer, errors, commits } = setUp()
    connection(db).pragma(`max_page_count = ${pages(db)}`)
    for (let push = 0; push < 5; push++) writer.push('r', [noise(`key ${push}`, 900)])
    vi.advanceTimersByTime(3000)
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.every(error => (error as { code: string }).code === 'disk-full')).toBe(true)
    expect(writer.pendingPoints + stored(db, 'r')).toBe(4500)
    expect(writer.pendingPoints).toBeGreaterThan(0)
    connection(db).pragma('max_page_count = 100000')
    vi.advanceTimersByTime(1000)
    expect(writer.pendingPoints).toBe(0)
    expect(stored(db, 'r')).toBe(4500)
    expect(commits.length).toBeGreaterThan(0)
  })

  it('does not store points twice when a commit reports a failure but has happened', () => {
    const { db, writer, errors } = setUp()
    const driver = connection(db)
    const original = driver.transaction.bind(driver)
    const spy = vi.spyOn(driver, 'transaction').mockImplementationOnce(((body: () => unknown) => ({
      immediate: () => {
        original(body).immediate()
        throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' })
      }
    })) as never)
    writer.push('r', [block('loss', 0, 10)])
    expect(writer.flush()).toBe(true)
    spy.mockRestore()
    expect(errors).toEqual([expect.objectContaining({ code: 'io-error' })])
    expect(writer.pendingPoints).toBe(0)
    expect(stored(db, 'r')).toBe(10)
  })

  it('seals long tails by itself', () => {
    const { db, writer } = setUp()
    for (let first = 0; first < 9000; first += 500) writer.push('r', [block('loss', first, 500)])
    writer.flush()
    vi.advanceTimersByTime(1000)
    expect(all(db, 'SELECT points FROM metric_chunks')).toEqual([{ points: 4096 }, { points: 4096 }])
    expect(stored(db, 'r')).toBe(9000)
  })

  it('drops what it holds of a run that is removed', () => {
    const { db, writer, errors } = setUp()
    writer.push('r', [block('loss', 0, 10)])
    writer.push('s', [block('loss', 0, 10)])
    writer.discard('r')
    run(db, "DELETE FROM runs WHERE id = 'r'")
    expect(writer.flush()).toBe(true)
    expect(errors).toEqual([])
    expect(stored(db, 's')).toBe(10)
  })
})
