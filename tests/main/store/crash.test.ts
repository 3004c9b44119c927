import { fork, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { examine } from '../../../src-main/store/doctor.ts'
import { homeAt, type Home } from '../../../src-main/store/home.ts'
import { findKeyId, readPoints } from '../../../src-main/store/metrics.ts'
import { closeDb, openReadable, openStore } from '../../../src-main/store/open.ts'
import { all, type ReadableDb } from '../../../src-main/store/sql.ts'
import { addRuns, temporaryHome } from './support.ts'

const writerEntry = join(import.meta.dirname, 'writerProcess.ts')
const curves = 20
/** Two hundred starts of the same program: compiled once. */
const compileCache = mkdtempSync(join(tmpdir(), 'stitchwork-compiled-'))
afterAll(() => rmSync(compileCache, { recursive: true, force: true }))

function startWriter(home: Home, first: number, stepsPerCommit: number, commits: number): ChildProcess {
  const values = [home.root, 'r', first, stepsPerCommit, commits].map(String)
  return fork(writerEntry, values, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache }
  })
}

/** Kills a writer `delayMs` after its first commit; resolves to the last step it acknowledged. */
function killAfter(writer: ChildProcess, delayMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let acknowledged = -1
    writer.on('message', step => {
      if (acknowledged < 0) setTimeout(() => writer.kill('SIGKILL'), delayMs)
      acknowledged = Number(step)
    })
    writer.on('exit', (code, signal) =>
      signal === 'SIGKILL' ? resolve(acknowledged) : reject(new Error(`the writer ended with ${code}`))
    )
  })
}

/** Last step of every curve, after checking that each holds 0, 1, 2 ... without a gap. */
function lastSteps(db: ReadableDb): number[] {
  return Array.from({ length: curves }, (_, i) => {
    const keyId = findKeyId(db, `train/metric${i}`)
    const parts = keyId === undefined ? [] : readPoints(db, 'r', keyId)
    let next = 0
    for (const { steps, values } of parts) {
      for (let at = 0; at < steps.length; at++, next++) {
        if (steps[at] !== next || values[at] !== next)
          throw new Error(`step ${next} reads ${steps[at]}, ${values[at]}`)
      }
    }
    return next - 1
  })
}

/** Points of every curve by its rows, without decoding them; each curve's own count must agree. */
function storedCounts(db: ReadableDb): number[] {
  const rows = all<{ counted: number; stored: number }>(
    db,
    `SELECT points AS counted,
       (SELECT coalesce(sum(points), 0) FROM metric_tail WHERE run_id = 'r' AND key_id = metric_series.key_id) +
       (SELECT coalesce(sum(points), 0) FROM metric_chunks WHERE run_id = 'r' AND key_id = metric_series.key_id) AS stored
     FROM metric_series WHERE run_id = 'r'`
  )
  for (const { counted, stored } of rows)
    if (counted !== stored) throw new Error(`${stored} points, counted ${counted}`)
  return rows.map(row => row.stored)
}

const integrity = (db: ReadableDb) =>
  all<{ integrity_check: string }>(db, 'PRAGMA integrity_check')[0].integrity_check

function prepare(home: Home): void {
  const store = openStore(home)
  addRuns(store.db, 'r')
  store.close()
}

describe('a writer that is killed', () => {
  it(
    'loses no acknowledged point and leaves no half transaction in 200 kills',
    { timeout: 300_000 },
    async () => {
      const random = new RandomSequence(7, 'kills')
      const lanes = Array.from({ length: 2 }, () => temporaryHome())
      const killLane = async (home: Home) => {
        prepare(home)
        let next = 0
        for (let kill = 0; kill < 100; kill++) {
          const acknowledged = await killAfter(startWriter(home, next, 10, 1_000_000), random.uniform(0, 30))
          const db = openReadable(home.database)
          const counts = storedCounts(db)
          if (kill % 10 === 9) {
            expect(lastSteps(db)).toEqual(counts.map(count => count - 1))
            expect(integrity(db)).toBe('ok')
          }
          closeDb(db)
          expect(counts).toEqual(Array.from({ length: curves }, () => counts[0]))
          expect(counts[0]).toBeGreaterThan(acknowledged)
          next = counts[0]
        }
        expect(examine(home)).toMatchObject({ integrity: [], damaged: [] })
      }
      await Promise.all(lanes.map(killLane))
    }
  )

  it('leaves a store that is a clean prefix wherever its log is cut off (200 cuts)', async () => {
    const home = temporaryHome()
    prepare(home)
    const writer = startWriter(home, 0, 2, 40)
    await new Promise<void>(resolve => writer.on('message', step => Number(step) === 79 && resolve()))
    const killed = new Promise(resolve => writer.on('exit', resolve))
    writer.kill('SIGKILL')
    await killed
    const whole = statSync(`${home.database}-wal`).size
    expect(whole).toBeGreaterThan(100_000)
    const random = new RandomSequence(8, 'cuts')
    const ends = new Set<number>()
    for (let cut = 0; cut < 200; cut++) {
      const copy = homeAt(join(home.root, `cut-${cut}`))
      mkdirSync(copy.root)
      copyFileSync(home.database, copy.database)
      copyFileSync(`${home.database}-wal`, `${copy.database}-wal`)
      truncateSync(`${copy.database}-wal`, random.integer(whole))
      const store = openStore(copy)
      const last = lastSteps(store.db)
      expect(integrity(store.db)).toBe('ok')
      store.close()
      expect(new Set(last).size).toBe(1)
      expect((last[0] + 1) % 2).toBe(0)
      ends.add(last[0])
    }
    expect(ends.size).toBeGreaterThan(20)
  })
})

describe('the lock of a home folder', () => {
  it('refuses a second process with the holder’s pid, and is free once the holder was killed', async () => {
    const home = temporaryHome()
    prepare(home)
    const writer = startWriter(home, 0, 1, 1)
    await new Promise(resolve => writer.once('message', resolve))
    expect(() => openStore(home)).toThrow(
      expect.objectContaining({ code: 'store-locked', details: expect.objectContaining({ pid: writer.pid }) })
    )
    const killed = new Promise(resolve => writer.on('exit', resolve))
    writer.kill('SIGKILL')
    await killed
    expect(existsSync(home.lockHolder)).toBe(true)
    openStore(home).close()
  })
})
