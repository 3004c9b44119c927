import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freeLock, takeLock } from '../../../src-main/base/processLock.ts'
import { examine, rescueCopy } from '../../../src-main/store/doctor.ts'
import { datasetFolder, defaultHomeFolder, runFolder, runLockFile } from '../../../src-main/store/home.ts'
import { appendPoints } from '../../../src-main/store/metrics.ts'
import { closeDb, openReadable } from '../../../src-main/store/open.ts'
import { getRun, listRuns, updateRun } from '../../../src-main/store/runs.ts'
import { sealRun } from '../../../src-main/store/seal.ts'
import { recoverStore } from '../../../src-main/store/startup.ts'
import { addRuns, temporaryStore } from './support.ts'

const put = (...path: string[]) => {
  mkdirSync(join(...path, '..'), { recursive: true })
  writeFileSync(join(...path), 'x')
}

describe('recoverStore', () => {
  it('marks runs that claim to be active as interrupted and says where they go on', async () => {
    const store = temporaryStore()
    addRuns(store.db, 'a', 'b', 'c', 'd')
    const progress = { ...getRun(store.db, 'a').progress, step: 57, lastCheckpointStep: 50 }
    updateRun(store.db, 'a', { state: 'running', progress })
    updateRun(store.db, 'b', { state: 'stopping' })
    updateRun(store.db, 'c', { state: 'finished' })
    expect((await recoverStore(store)).interrupted).toEqual(['a', 'b'])
    expect(getRun(store.db, 'a')).toMatchObject({
      state: 'interrupted',
      reason: expect.stringContaining('from step 50')
    })
    expect(getRun(store.db, 'b').reason).toContain('starts over')
    expect(['c', 'd'].map(id => getRun(store.db, id).state)).toEqual(['finished', 'queued'])
  })

  it('deletes what no row names and nothing else', async () => {
    const store = temporaryStore()
    addRuns(store.db, 'a')
    const { home } = store
    const kept = [
      join(datasetFolder(home, 'walks'), 'x'),
      join(runFolder(home, 'a'), 'checkpoints', 'y'),
      join(home.exports, 'z')
    ]
    const orphans = [
      ...[
        join(home.staging, 'half'),
        join(datasetFolder(home, 'gone'), 'x'),
        join(runFolder(home, 'gone'), 'x')
      ],
      ...[
        join(runFolder(home, 'a'), 'checkpoints', 'y.tmp-12-3'),
        join(runFolder(home, 'a'), 'job.json.tmp-12-4')
      ]
    ]
    for (const path of [...kept, ...orphans]) put(path)
    const { swept } = await recoverStore(store)
    expect(kept.map(existsSync)).toEqual(kept.map(() => true))
    expect(orphans.map(existsSync)).toEqual(orphans.map(() => false))
    expect(swept).toHaveLength(orphans.length)
    expect((await recoverStore(store)).swept).toEqual([])
  })
})

describe('a run whose trainer outlived the app', () => {
  it('keeps its temporary files until that process has ended', async () => {
    const store = temporaryStore()
    addRuns(store.db, 'a')
    const folder = runFolder(store.home, 'a')
    const half = join(folder, 'checkpoints', 'y.tmp-12-3')
    put(half)
    expect(takeLock(runLockFile(folder))).toBeNull()
    expect((await recoverStore(store)).swept).toEqual([])
    expect(existsSync(half)).toBe(true)
    freeLock(runLockFile(folder))
    await recoverStore(store)
    expect(existsSync(half)).toBe(false)
  })
})

describe('doctor', () => {
  it('finds a whole store healthy and names what is missing or left over', () => {
    const { db, home } = temporaryStore()
    addRuns(db, 'a')
    put(datasetFolder(home, 'walks'), 'x')
    appendPoints(db, 'a', [{ key: 'loss', steps: [0], seconds: [0], values: [1] }])
    expect(examine(home)).toMatchObject({
      healthy: true,
      integrity: [],
      blocks: 1,
      chunks: 0,
      orphans: [],
      missing: []
    })
    updateRun(db, 'a', { startedAt: 1 })
    put(home.staging, 'half')
    expect(examine(home)).toMatchObject({
      healthy: false,
      orphans: [join('staging', 'half')],
      missing: [join('runs', 'a')]
    })
  })

  it('copies a store in use, whole and readable, and never over a file', () => {
    const { db, home } = temporaryStore()
    addRuns(db, 'a', 'b')
    appendPoints(db, 'a', [{ key: 'loss', steps: [0], seconds: [0], values: [1] }])
    sealRun(db, 'a')
    const target = join(home.root, 'copy.db')
    expect(rescueCopy(home, target)).toMatchObject({ problems: [] })
    const copy = openReadable(target)
    expect(listRuns(copy)).toHaveLength(2)
    closeDb(copy)
    expect(() => rescueCopy(home, target)).toThrow(expect.objectContaining({ code: 'conflict' }))
  })
})

describe('defaultHomeFolder', () => {
  it('follows the variable, then the habits of the system', () => {
    expect(defaultHomeFolder({ STITCHWORK_HOME: '/x' }, 'linux')).toBe('/x')
    expect(defaultHomeFolder({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'stitchwork'))
    expect(defaultHomeFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'Stitchwork'))
    expect(defaultHomeFolder({}, 'darwin')).toContain('Application Support')
  })
})
