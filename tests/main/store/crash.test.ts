import { fork, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { examine } from '../../../src-main/store/doctor.ts'
import { homeAt, type Home } from '../../../src-main/store/home.ts'
import { findKeyId, readPoints } from '../../../src-main/store/metrics.ts'
import { closeDb, openReadable, openStore } from '../../../src-main/store/open.ts'
import { all, type ReadableDb } from '../../../src-main/store/sql.ts'
import { addRuns, temporaryHome } from './support.ts'

const writerEntry = join(import.meta.dirname, 'writerProcess.ts')
const curves = 20

function startWriter(home: Home, first: number, stepsPerCommit: number, commits: number): ChildProcess {
  const values = [home.root, 'r', first, stepsPerCommit, commits].map(String)
  return fork(writerEntry, values, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
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
    { timeout: 180_000 },
    async () => {
      const random = new RandomSequence(7, 'kills')
      const lanes = Array.from({ length: 4 }, () => temporaryHome())
      const killLane = async (home: Home) => {
        prepare(home)
        let next = 0
        for (let kill = 0; kill < 50; kill++) {
          const acknowledged = await killAfter(startWriter(home, next, 10, 1_000_000), random.uniform(0, 30))
          const db = openReadable(home.database)
          const last = lastSteps(db)
          if (kill % 10 === 9) expect(integrity(db)).toBe('ok')
          closeDb(db)
          expect(last[0]).toBeGreaterThanOrEqual(acknowledged)
          expect(new Set(last).size).toBe(1)
          next = last[0] + 1
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
