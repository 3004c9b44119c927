import type Database from 'better-sqlite3'
import { UserError } from '../base/errors.ts'

declare const readable: unique symbol
declare const writable: unique symbol

/** A connection that queries may use; only `store/open.ts` makes one. */
export interface ReadableDb {
  readonly [readable]: true
}
/** The one connection that writes. A function that takes a ReadableDb promises not to. */
export interface WritableDb extends ReadableDb {
  readonly [writable]: true
}

/** What SQLite stores; NaN would become NULL, so non-finite numbers go through {@link packReal}. */
export type SqlValue = number | bigint | string | Uint8Array | null

const statements = new WeakMap<ReadableDb, Map<string, Database.Statement<SqlValue[]>>>()

function statement(db: ReadableDb, sql: string): Database.Statement<SqlValue[]> {
  let known = statements.get(db)
  if (known === undefined) statements.set(db, (known = new Map<string, Database.Statement<SqlValue[]>>()))
  let prepared = known.get(sql)
  if (prepared === undefined) known.set(sql, (prepared = connection(db).prepare<SqlValue[]>(sql)))
  return prepared
}

/** The driver's own object, for store internals only. */
export const connection = (db: ReadableDb): Database.Database => db as unknown as Database.Database

/** All rows of a query. */
export function all<T>(db: ReadableDb, sql: string, ...values: SqlValue[]): T[] {
  return typed(() => statement(db, sql).all(...values) as T[])
}

/** The first row of a query, or undefined. */
export function one<T>(db: ReadableDb, sql: string, ...values: SqlValue[]): T | undefined {
  return typed(() => statement(db, sql).get(...values) as T | undefined)
}

/** Runs one writing statement; returns the number of rows changed and the row id inserted last. */
export function run(db: WritableDb, sql: string, ...values: SqlValue[]): { changes: number; rowId: number } {
  return typed(() => {
    const result = statement(db, sql).run(...values)
    return { changes: result.changes, rowId: Number(result.lastInsertRowid) }
  })
}

/** Does all of `body` or nothing; inside another transaction it joins that one. */
export function transaction<T>(db: WritableDb, body: () => T): T {
  const driver = connection(db)
  if (driver.inTransaction) return body()
  return typed(() => driver.transaction(body).immediate())
}

/** Placeholders for a list of `count` values: `?,?,?`. */
export const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(',')

/** A float64 as 8 bytes, so that NaN, infinities and -0 survive; null stays null. */
export function packReal(value: number | null): Uint8Array | null {
  return value === null ? null : new Uint8Array(Float64Array.of(value).buffer)
}

/** The inverse of {@link packReal}. */
export function unpackReal(bytes: Uint8Array | null): number | null {
  return bytes === null ? null : new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true)
}

/** The bytes of a numeric array, without a copy. */
export const bytesOf = (array: Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** A float64 array of a blob (copied: blobs need not be aligned). */
export function float64Of(bytes: Uint8Array): Float64Array {
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** An int32 array of a blob (copied: blobs need not be aligned). */
export function int32Of(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

function typed<T>(body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw storeError(error)
  }
}

/** SQLite's result codes as the errors a person understands; anything else comes back unchanged. */
export function storeError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (error instanceof UserError || typeof code !== 'string' || !code.startsWith('SQLITE_')) return error
  const details = { sqlite: code }
  if (code === 'SQLITE_FULL') {
    return new UserError(
      'disk-full',
      'the disk is full: nothing was stored; free some space, then go on',
      details
    )
  }
  if (
    code.startsWith('SQLITE_IOERR') ||
    code.startsWith('SQLITE_CANTOPEN') ||
    code.startsWith('SQLITE_READONLY')
  ) {
    return new UserError(
      'io-error',
      `the store cannot be read or written (${code}); check the disk and its permissions`,
      details
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new UserError(
      'store-corrupt',
      `the store is damaged (${code}); "stitchwork doctor" can rescue what is whole`,
      details
    )
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new UserError(
      'store-locked',
      'the store is in use by another process; close that one first',
      details
    )
  }
  return error
}
