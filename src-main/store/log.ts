import type { LogLine } from '../../src-preload/contract/runs.ts'
import { now } from '../base/clock.ts'
import { all, run, type ReadableDb, type WritableDb } from './sql.ts'

/** Adds a line to a run's log; returns its sequence, which grows over all runs. */
export function appendLog(
  db: WritableDb,
  runId: string,
  line: Pick<LogLine, 'level' | 'step' | 'text'>
): number {
  return run(
    db,
    'INSERT INTO log (run_id, at, level, step, text) VALUES (?, ?, ?, ?, ?)',
    runId,
    now(),
    line.level,
    line.step,
    line.text
  ).rowId
}

/** Lines after a sequence, oldest first, at most `limit`. */
export function readLog(db: ReadableDb, runId: string, after = -1, limit = 500): LogLine[] {
  return all<LogLine>(
    db,
    'SELECT sequence, at, level, step, text FROM log WHERE run_id = ? AND sequence > ? ORDER BY sequence LIMIT ?',
    runId,
    after,
    limit
  )
}
