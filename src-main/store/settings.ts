import { all, run, type ReadableDb, type WritableDb } from './sql.ts'

/** Stored settings by name, as they were saved; the caller's schema fills in defaults. */
export function readSettings(db: ReadableDb): Record<string, unknown> {
  const rows = all<{ key: string; value: string }>(db, 'SELECT key, value FROM settings')
  return Object.fromEntries(rows.map(row => [row.key, JSON.parse(row.value) as unknown]))
}

/** Stores one setting; the value is any JSON value. */
export function saveSetting(db: WritableDb, key: string, value: unknown): void {
  run(
    db,
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(value)
  )
}
