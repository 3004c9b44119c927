import { all, one, type ReadableDb } from './sql.ts'

/**
 * A stretch of a run without interruption. Points of a segment with a step beyond `visibleTo` are its hidden tail: they were
 * computed, then a resume went back to an earlier checkpoint. They stay stored and are shown nowhere.
 */
export interface Segment {
  readonly segment: number
  /** Step of the checkpoint it continues from; null for the first. */
  readonly resumedFrom: number | null
  /** Infinity while no resume has cut it. */
  readonly visibleTo: number
}

/** Segments of a run in order. */
export function listSegments(db: ReadableDb, runId: string): Segment[] {
  const rows = all<{ segment: number; resumed_from: number | null; visible_to: number | null }>(
    db,
    'SELECT segment, resumed_from, visible_to FROM run_segments WHERE run_id = ? ORDER BY segment',
    runId
  )
  return rows.map(row => ({
    segment: row.segment,
    resumedFrom: row.resumed_from,
    visibleTo: row.visible_to ?? Infinity
  }))
}

/** The segment that new points belong to. */
export function currentSegment(db: ReadableDb, runId: string): number {
  const row = one<{ segment: number | null }>(
    db,
    'SELECT max(segment) AS segment FROM run_segments WHERE run_id = ?',
    runId
  )
  return row?.segment ?? 0
}

/** Steps at which a resumed run continues, as far as what follows is still visible. */
export function visibleSeams(segments: readonly Segment[]): number[] {
  return segments.flatMap(({ resumedFrom, visibleTo }) =>
    resumedFrom !== null && visibleTo > resumedFrom ? [resumedFrom] : []
  )
}
