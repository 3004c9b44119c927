import Database from 'better-sqlite3'
import { existsSync, rmSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import { createHome, type Home } from './home.ts'
import { lockHome } from './lock.ts'
import { copyBeforeMigrating, migrate } from './migrate.ts'
import { migrations as allMigrations, type Migration } from './migrations/index.ts'
import { storeError, type ReadableDb, type WritableDb } from './sql.ts'

export type { ReadableDb, WritableDb } from './sql.ts'

/** SQLite before this version could corrupt a WAL database with more than one connection. */
const oldestSqlite = '3.51.3'
/** The driver is built against Node-API 10; on an older Node it crashes the process without a word. */
const oldestNodeApi = 10

/** An open store: the one writing connection, and the lock that keeps it the only one. */
export interface Store {
  readonly db: WritableDb
  readonly home: Home
  readonly sqlite: string
  /** Closes the database and frees the lock; safe to call twice. */
  close(): void
}

/**
 * Opens the store of a home folder for writing: checks the runtime, takes the lock, migrates.
 * @throws UserError('store-locked' | 'store-newer' | 'store-corrupt' | 'io-error' | 'disk-full' | 'unsupported')
 */
export function openStore(home: Home, migrations: readonly Migration[] = allMigrations): Store {
  requireNodeApi()
  createHome(home)
  const lock = lockHome(home)
  let copy: string | null
  let database: Database.Database
  try {
    copy = copyBeforeMigrating(home.database, migrations)
    database = openDatabase(home.database)
    try {
      migrate(asWritable(database), migrations)
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    lock.release()
    throw storeError(error)
  }
  const close = () => {
    if (database.open) database.close()
    if (copy !== null) rmSync(copy, { force: true })
    lock.release()
  }
  return { db: asWritable(database), home, sqlite: sqliteVersion(database), close }
}

/**
 * Opens a store file for reading only, beside a writer or not; the caller closes it with {@link closeDb}.
 * @throws UserError('not-found' | 'store-corrupt' | 'io-error')
 */
export function openReadable(path: string): ReadableDb {
  requireNodeApi()
  if (!existsSync(path)) throw new UserError('not-found', `there is no store at ${path}`, { path })
  try {
    const database = new Database(path, { readonly: true, timeout: 5000 })
    database.pragma('trusted_schema = OFF')
    requireSqlite(database)
    return database as unknown as ReadableDb
  } catch (error) {
    throw storeError(error)
  }
}

export function closeDb(db: ReadableDb): void {
  const database = db as unknown as Database.Database
  if (database.open) database.close()
}

function openDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: 5000 })
  try {
    requireSqlite(database)
    for (const pragma of [
      'trusted_schema = OFF',
      'journal_mode = WAL',
      'synchronous = NORMAL',
      'foreign_keys = ON'
    ]) {
      database.pragma(pragma)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const asWritable = (database: Database.Database): WritableDb => database as unknown as WritableDb

function requireNodeApi(): void {
  if (Number(process.versions.napi) >= oldestNodeApi) return
  throw new UserError(
    'unsupported',
    `Node ${process.versions.node} is too old for the store; run Stitchwork with its own Node 24`
  )
}

function requireSqlite(database: Database.Database): void {
  const version = sqliteVersion(database)
  if (!isOlder(version, oldestSqlite)) return
  throw new UserError(
    'unsupported',
    `SQLite ${version} can damage a store; ${oldestSqlite} or newer is needed`
  )
}

const sqliteVersion = (database: Database.Database): string =>
  (database.prepare('SELECT sqlite_version() AS version').get() as { version: string }).version

/** True when dotted version `a` comes before `b`. */
export function isOlder(a: string, b: string): boolean {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  const at = right.findIndex((part, index) => part !== (left[index] ?? 0))
  return at >= 0 && (left[at] ?? 0) < right[at]
}
