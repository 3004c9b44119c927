import { existsSync, rmSync, statSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import type { Home } from './home.ts'
import { decodeChunk, decodeTail, summaryOf, type ChunkRow, type TailRow } from './metrics.ts'
import { schemaVersion } from './migrate.ts'
import { closeDb, openReadable } from './open.ts'
import { summarise } from './pointCodec.ts'
import { all, connection, storeError, type ReadableDb } from './sql.ts'
import { missingFolders, orphans } from './startup.ts'

/** What a check of a home folder found; nothing is changed by it. */
export interface DoctorReport {
  readonly schema: number
  readonly sizeBytes: number
  /** SQLite's own check; empty when it finds nothing. */
  readonly integrity: readonly string[]
  readonly chunks: number
  readonly blocks: number
  /** Metrics whose checksum does not match: what exactly is lost. */
  readonly damaged: readonly DamagedPoints[]
  /** Paths under the home folder that no row names; the next start deletes them. */
  readonly orphans: readonly string[]
  /** Datasets and runs whose folder is gone. */
  readonly missing: readonly string[]
  readonly healthy: boolean
}

interface DamagedPoints {
  readonly runId: string
  readonly key: string
  readonly firstStep: number | null
  readonly lastStep: number | null
  readonly points: number
}

/**
 * Checks a store beside its writer: SQLite's integrity check, every checksum, and files against rows.
 * @throws UserError('not-found') without a store, UserError('store-corrupt') when it cannot even be opened
 */
export function examine(home: Home): DoctorReport {
  const db = openReadable(home.database)
  try {
    const integrity = integrityProblems(db)
    const metrics = examineMetrics(db)
    const missing = missingFolders({ db, home })
    return {
      schema: schemaVersion(db),
      sizeBytes: statSync(home.database).size,
      integrity,
      ...metrics,
      orphans: orphans({ db, home }),
      missing,
      healthy: integrity.length === 0 && metrics.damaged.length === 0 && missing.length === 0
    }
  } catch (error) {
    throw storeError(error)
  } finally {
    closeDb(db)
  }
}

function integrityProblems(db: ReadableDb): string[] {
  const rows = [
    ...(connection(db).pragma('integrity_check') as { integrity_check: string }[]).map(
      row => row.integrity_check
    ),
    ...(connection(db).pragma('foreign_key_check') as { table: string; parent: string }[]).map(
      row => `a row of ${row.table} names a missing row of ${row.parent}`
    )
  ]
  return rows.filter(text => text !== 'ok')
}

function examineMetrics(db: ReadableDb): Pick<DoctorReport, 'chunks' | 'blocks' | 'damaged'> {
  const damaged: DamagedPoints[] = []
  const keys = new Map(
    all<{ id: number; key: string }>(db, 'SELECT id, key FROM metric_keys').map(row => [row.id, row.key])
  )
  const keyOf = (id: number) => keys.get(id) ?? `key ${id}`
  const chunkIds = all<{ id: number }>(db, 'SELECT id FROM metric_chunks')
  for (const { id } of chunkIds) {
    const row = all<ChunkRow>(db, 'SELECT * FROM metric_chunks WHERE id = ?', id)[0]
    if (isWhole(row)) continue
    const { run_id: runId, key_id, first_step: firstStep, last_step: lastStep, points } = row
    damaged.push({ runId, key: keyOf(key_id), firstStep, lastStep, points })
  }
  const sequences = all<{ sequence: number }>(db, 'SELECT sequence FROM metric_tail')
  for (const { sequence } of sequences) {
    const row = all<TailRow>(db, 'SELECT * FROM metric_tail WHERE sequence = ?', sequence)[0]
    if (succeeds(() => decodeTail(row))) continue
    damaged.push({
      runId: row.run_id,
      key: keyOf(row.key_id),
      firstStep: null,
      lastStep: null,
      points: row.points
    })
  }
  return { chunks: chunkIds.length, blocks: sequences.length, damaged }
}

/** True when the checksum matches and the summary is that of the values. */
function isWhole(row: ChunkRow): boolean {
  return succeeds(() => {
    const found = JSON.stringify(summarise(decodeChunk(row).values))
    if (found !== JSON.stringify(summaryOf(row)))
      throw new Error(`summary of chunk ${row.id} differs: ${found}`)
  })
}

function succeeds(body: () => unknown): boolean {
  try {
    body()
    return true
  } catch {
    // Any failure to read is the finding: the caller lists what is lost.
    return false
  }
}

/**
 * Writes a compact, checked copy of what can be read, beside a writer or not; the original is never changed.
 * @param target must not exist
 * @returns the copy's size, and what SQLite's check finds in it
 * @throws UserError('conflict') when the target exists, UserError('store-corrupt' | 'disk-full' | 'io-error'); no half copy is left behind
 */
export function rescueCopy(
  home: Home,
  target: string
): { readonly sizeBytes: number; readonly problems: readonly string[] } {
  if (existsSync(target))
    throw new UserError('conflict', `${target} exists already; choose another name`, { target })
  const db = openReadable(home.database)
  try {
    connection(db).prepare('VACUUM INTO ?').run(target)
  } catch (error) {
    rmSync(target, { force: true })
    throw storeError(error)
  } finally {
    closeDb(db)
  }
  const copy = openReadable(target)
  try {
    const problems = integrityProblems(copy)
    return { sizeBytes: statSync(target).size, problems }
  } finally {
    closeDb(copy)
  }
}
