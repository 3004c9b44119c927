import Database from 'better-sqlite3'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { closeDb, isOlder, openReadable, openStore } from '../../../src-main/store/open.ts'
import { migrations, type Migration } from '../../../src-main/store/migrations/index.ts'
import { listRuns } from '../../../src-main/store/runs.ts'
import { addRuns, temporaryHome } from './support.ts'

const second: Migration = {
  version: migrations.length + 1,
  name: 'mood',
  schema: 'ALTER TABLE runs ADD COLUMN mood TEXT'
}
const broken: Migration = {
  ...second,
  schema: 'ALTER TABLE runs ADD COLUMN mood TEXT; SELECT * FROM nowhere'
}

function storeWithRun() {
  const home = temporaryHome()
  const store = openStore(home)
  addRuns(store.db, 'r')
  store.close()
  return home
}

describe('openStore', () => {
  it('refuses a newer schema, says which, and leaves the file as it is', () => {
    const home = storeWithRun()
    openStore(home, [...migrations, second]).close()
    const before = readFileSync(home.database)
    expect(() => openStore(home)).toThrow(
      expect.objectContaining({
        code: 'store-newer',
        details: { schema: second.version, known: migrations.length }
      })
    )
    expect(readFileSync(home.database).equals(before)).toBe(true)
    openStore(home, [...migrations, second]).close()
  })

  it('migrates an older store and keeps its rows; the copy made before goes at the first clean close', () => {
    const home = storeWithRun()
    const store = openStore(home, [...migrations, second])
    const copy = `${home.database}.before-migration`
    expect(listRuns(store.db)).toHaveLength(1)
    const old = openReadable(copy)
    expect(listRuns(old)).toHaveLength(1)
    closeDb(old)
    store.close()
    expect(existsSync(copy)).toBe(false)
  })

  it('reads runs of the first schema as float32', () => {
    const home = temporaryHome()
    openStore(home, migrations.slice(0, 1)).close()
    const raw = new Database(home.database)
    raw.exec(`
      INSERT INTO datasets (id, name, created_at, record) VALUES ('d', 'D', 1, '{}');
      INSERT INTO experiments (id, name, created_at, plan) VALUES ('e', 'E', 1, '{}');
      INSERT INTO groups (key, colour) VALUES ('g', 0);
      INSERT INTO runs (id, name, experiment_id, group_key, group_name, dataset_id, algorithm, seed, config, engine_wanted,
        threads_wanted, state, progress, engine, created_at)
      VALUES ('r', 'R', 'e', 'g', 'BC', 'd', 'bc', 0, '{}', 'auto', 0, 'finished', '{}',
        '{"id":"onnx","version":"1","threads":2,"device":"CPU"}', 1)`)
    raw.close()
    const store = openStore(home)
    expect(listRuns(store.db)[0]).toMatchObject({
      precision: 'float32',
      engine: { id: 'onnx', version: '1', threads: 2, device: 'CPU', precision: 'float32' }
    })
    store.close()
  })

  it('undoes all of a migration that fails in the middle, and keeps the copy', () => {
    const home = storeWithRun()
    expect(() => openStore(home, [...migrations, broken])).toThrow('nowhere')
    expect(existsSync(`${home.database}.before-migration`)).toBe(true)
    const store = openStore(home)
    expect(listRuns(store.db)).toHaveLength(1)
    store.close()
    openStore(home, [...migrations, second]).close()
  })

  it('refuses a schema history with a gap', () => {
    const home = storeWithRun()
    const raw = new Database(home.database)
    raw.exec("UPDATE migrations SET name = 'another'")
    raw.close()
    expect(() => openStore(home)).toThrow(
      expect.objectContaining({ code: 'store-corrupt', message: expect.stringContaining('1-another') })
    )
  })

  it('refuses a second opener, and opens again after a close', () => {
    const home = temporaryHome()
    const store = openStore(home)
    expect(() => openStore(home)).toThrow(
      expect.objectContaining({ code: 'store-locked', message: expect.stringContaining(String(process.pid)) })
    )
    store.close()
    openStore(home).close()
  })

  it('says that a file is no store, and keeps no lock', () => {
    const home = temporaryHome()
    mkdirSync(home.root, { recursive: true })
    writeFileSync(
      home.database,
      'this is not a database, but it is long enough to be taken for one'.repeat(100)
    )
    expect(() => openStore(home)).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
    rmSync(home.database)
    openStore(home).close()
  })

  it('opens for reading only what exists', () => {
    expect(() => openReadable(temporaryHome().database)).toThrow(
      expect.objectContaining({ code: 'not-found' })
    )
  })
})

describe('isOlder', () => {
  it('compares numbers, not text', () => {
    expect(isOlder('3.51.2', '3.51.3')).toBe(true)
    expect(isOlder('3.9.9', '3.51.3')).toBe(true)
    expect(isOlder('3.51.3', '3.51.3')).toBe(false)
    expect(isOlder('3.100.0', '3.51.3')).toBe(false)
    expect(isOlder('4.0', '3.51.3')).toBe(false)
  })
})
