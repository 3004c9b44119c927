import type { Checkpoint } from '../../src-preload/contract/runs.ts'
import { now } from '../base/clock.ts'
import { all, one, run, type ReadableDb, type WritableDb } from './sql.ts'

/** A checkpoint whose file is in place under the run's `checkpoints/`. */
export interface CheckpointRecord extends Checkpoint {
  /** File name in the folder. */
  readonly file: string
}

interface CheckpointRow {
  step: number
  created_at: number
  file: string
  size_bytes: number
  kind: Checkpoint['kind']
}

const fromRow = (row: CheckpointRow): CheckpointRecord => ({
  step: row.step,
  createdAt: row.created_at,
  file: row.file,
  sizeBytes: row.size_bytes,
  kind: row.kind
})

/** Makes a checkpoint visible; called again for the same step it replaces the row. */
export function addCheckpoint(
  db: WritableDb,
  runId: string,
  checkpoint: Omit<CheckpointRecord, 'createdAt'>
): void {
  run(
    db,
    `INSERT INTO checkpoints (run_id, step, created_at, file, size_bytes, kind) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_id, step) DO UPDATE SET created_at = excluded.created_at, file = excluded.file,
       size_bytes = excluded.size_bytes, kind = excluded.kind`,
    runId,
    checkpoint.step,
    now(),
    checkpoint.file,
    checkpoint.sizeBytes,
    checkpoint.kind
  )
}

/** Checkpoints of a run, oldest step first. */
export function listCheckpoints(db: ReadableDb, runId: string): CheckpointRecord[] {
  return all<CheckpointRow>(db, 'SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step', runId).map(
    fromRow
  )
}

/** The checkpoint of a step, or the newest one for null; undefined when there is none. */
export function findCheckpoint(
  db: ReadableDb,
  runId: string,
  step: number | null
): CheckpointRecord | undefined {
  const newest = 'SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step DESC LIMIT 1'
  const ofStep = 'SELECT * FROM checkpoints WHERE run_id = ? AND step = ?'
  const row =
    step === null ? one<CheckpointRow>(db, newest, runId) : one<CheckpointRow>(db, ofStep, runId, step)
  return row && fromRow(row)
}

/** Forgets a checkpoint, before its file is deleted. */
export function removeCheckpoint(db: WritableDb, runId: string, step: number): void {
  run(db, 'DELETE FROM checkpoints WHERE run_id = ? AND step = ?', runId, step)
}
