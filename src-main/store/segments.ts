import { hideEvaluationsAfter } from './evaluations.ts'
import { recountSeries } from './metrics.ts'
import { sealRun } from './seal.ts'
import { currentSegment } from './segmentRows.ts'
import { run, transaction, type WritableDb } from './sql.ts'

/**
 * Starts a new segment that continues from a checkpoint's step (0: from the beginning). Points, evaluations and rollouts of
 * later steps stored so far become hidden. Call it before the first new point, with nothing left in the metric writer.
 */
export function beginSegment(db: WritableDb, runId: string, resumedFrom: number): void {
  transaction(db, () => {
    sealRun(db, runId)
    const next = currentSegment(db, runId) + 1
    run(
      db,
      'UPDATE run_segments SET visible_to = min(coalesce(visible_to, ?), ?) WHERE run_id = ?',
      resumedFrom,
      resumedFrom,
      runId
    )
    run(
      db,
      'INSERT INTO run_segments (run_id, segment, resumed_from) VALUES (?, ?, ?)',
      runId,
      next,
      resumedFrom
    )
    hideEvaluationsAfter(db, runId, resumedFrom)
    recountSeries(db, runId)
  })
}
