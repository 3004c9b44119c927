import Database from 'better-sqlite3'
import { copyFileSync, existsSync, fsyncSync, openSync, closeSync, renameSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import { now } from '../base/clock.ts'
import type { Migration } from './migrations/index.ts'
import { all, connection, transaction, type ReadableDb, type WritableDb } from './sql.ts'

const record = `CREATE TABLE IF NOT EXISTS migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`

/** Version of the schema in a database; 0 for a new one. */
export const schemaVersion = (db: ReadableDb): number =>
  connection(db).pragma('user_version', { simple: true }) as number

/**
 * Applies what is missing, each migration in a transaction of its own, stopping at the first failure.
 * @throws UserError('store-newer') for a schema from the future, UserError('store-corrupt') for a history with a gap
 */
export function migrate(db: WritableDb, migrations: readonly Migration[]): void {
  const version = schemaVersion(db)
  requireKnown(version, migrations)
  if (version > 0) requireHistory(db, version, migrations)
  for (const migration of migrations.slice(version)) {
    transaction(db, () => {
      const database = connection(db)
      database.exec(record)
      database.exec(migration.schema)
      database
        .prepare('INSERT INTO migrations (version, name, applied_at) VALUES (?, ?, ?)')
        .run(migration.version, migration.name, now())
      database.pragma(`user_version = ${migration.version}`)
    })
  }
}

function requireKnown(version: number, migrations: readonly Migration[]): void {
  if (version <= migrations.length) return
  throw new UserError(
    'store-newer',
    `the store was written by a newer Stitchwork (schema ${version}, this version knows ${migrations.length}); update Stitchwork to open it`,
    { schema: version, known: migrations.length }
  )
}

function requireHistory(db: ReadableDb, version: number, migrations: readonly Migration[]): void {
  const applied = all<{ version: number; name: string }>(
    db,
    'SELECT version, name FROM migrations ORDER BY version'
  )
  const expected = migrations.slice(0, version)
  const same =
    applied.length === expected.length &&
    expected.every(
      (migration, i) => applied[i].version === migration.version && applied[i].name === migration.name
    )
  if (same) return
  const list = applied.map(migration => `${migration.version}-${migration.name}`).join(', ')
  throw new UserError(
    'store-corrupt',
    `the store's schema history has a gap (schema ${version}, applied: ${list || 'none'})`,
    {
      schema: version
    }
  )
}

/**
 * Copies an older database beside itself before it is migrated; the copy is deleted after the first clean close.
 * Runs while no connection of this process is open: closing a copied file would drop SQLite's own locks on it.
 * @returns the copy's path, or null when nothing has to be migrated
 */
export function copyBeforeMigrating(path: string, migrations: readonly Migration[]): string | null {
  if (!existsSync(path)) return null
  if (!prepareCopy(path, migrations)) return null
  const copy = `${path}.before-migration`
  if (existsSync(copy)) return copy
  const temporary = `${copy}.tmp-${process.pid}-1`
  copyFileSync(path, temporary)
  const file = openSync(temporary, 'r+')
  fsyncSync(file)
  closeSync(file)
  renameSync(temporary, copy)
  return copy
}

/** True when the file is an older store; all of its write-ahead log is then moved into it, so that it alone is the whole store. */
function prepareCopy(path: string, migrations: readonly Migration[]): boolean {
  const database = new Database(path, { timeout: 5000 })
  try {
    const version = database.pragma('user_version', { simple: true }) as number
    requireKnown(version, migrations)
    const older = version > 0 && version < migrations.length
    if (older) database.pragma('wal_checkpoint(TRUNCATE)')
    return older
  } finally {
    database.close()
  }
}
