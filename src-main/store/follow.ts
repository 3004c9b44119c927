import {
  decodeChunk,
  decodeTail,
  newestSequence,
  type ChunkRow,
  type StoredPoints,
  type TailRow
} from './metrics.ts'
import { listSegments } from './segmentRows.ts'
import { all, one, placeholders, type ReadableDb } from './sql.ts'

interface FollowedPoint {
  readonly runId: string
  readonly key: string
  readonly step: number
  readonly seconds: number
  readonly value: number
}

export interface FollowedBatch {
  /** Every visible point up to here has been given. */
  readonly cursor: number
  readonly points: readonly FollowedPoint[]
}

/** Sequences looked at for one batch; a sequence is one block of a commit, usually one point of one curve. */
const windowSequences = 2000
/** A batch ends after this many points, at the next whole block. */
const batchPoints = 3000
const decodedChunks = 256

/** One replay: the runs, what has been decoded, and how far each segment is visible. */
interface Replay {
  readonly db: ReadableDb
  readonly runIds: readonly string[]
  readonly chunks: Map<number, StoredPoints>
}

/**
 * Stored points after a cursor in the order they were written, in batches; ends at the newest. Hidden points are left out.
 * Each batch is one short read, so a follower never holds the store's log back.
 */
export function* pointsAfter(
  db: ReadableDb,
  runIds: readonly string[],
  cursor: number
): Generator<FollowedBatch> {
  const replay: Replay = { db, runIds, chunks: new Map() }
  let from = nextSequence(replay, cursor)
  while (from !== null) {
    const to = Math.min(from + windowSequences, newestSequence(db))
    yield* batchesOf(pointsBetween(replay, from, to))
    from = nextSequence(replay, to)
  }
}

interface Sequenced extends FollowedPoint {
  readonly sequence: number
}

/** Just before the first sequence after `cursor` that one of the runs has; null when there is none. */
function nextSequence({ db, runIds }: Replay, cursor: number): number | null {
  const runs = placeholders(runIds.length)
  const rows = all<{ next: number | null }>(
    db,
    `SELECT min(sequence) AS next FROM metric_tail WHERE sequence > ? AND run_id IN (${runs})
     UNION ALL SELECT min(first_sequence) FROM metric_chunks WHERE last_sequence > ? AND run_id IN (${runs})`,
    cursor,
    ...runIds,
    cursor,
    ...runIds
  )
  const next = rows.flatMap(row => (row.next === null ? [] : [row.next]))
  return next.length === 0 ? null : Math.max(cursor, Math.min(...next) - 1)
}

/** Cuts points between sequences, so that the cursor of each batch is a place to go on from. */
function* batchesOf(points: readonly Sequenced[]): Generator<FollowedBatch> {
  let start = 0
  for (let end = 1; end <= points.length; end++) {
    const whole = end === points.length || points[end].sequence !== points[end - 1].sequence
    if (!whole || (end < points.length && end - start < batchPoints)) continue
    const batch = points.slice(start, end).map(({ sequence: _, ...point }) => point)
    yield { cursor: points[end - 1].sequence, points: batch }
    start = end
  }
}

/** Visible points of sequences in (from, to], in the order they were written. */
function pointsBetween(replay: Replay, from: number, to: number): Sequenced[] {
  const limits = visibleLimits(replay)
  const points: Sequenced[] = []
  const add = (runId: string, key: string, stored: StoredPoints) => {
    const limit = limits.get(`${runId}/${stored.segment}`) ?? Infinity
    for (let i = 0; i < stored.values.length; i++) {
      const sequence = stored.sequences[i]
      if (sequence <= from || sequence > to || stored.steps[i] > limit) continue
      points.push({
        runId,
        key,
        step: stored.steps[i],
        seconds: stored.seconds[i],
        value: stored.values[i],
        sequence
      })
    }
  }
  for (const head of chunkHeads(replay, from, to)) add(head.run_id, head.key, chunkOf(replay, head.id))
  for (const row of tailBetween(replay, from, to)) add(row.run_id, row.key, decodeTail(row))
  return points.sort((a, b) => a.sequence - b.sequence)
}

function visibleLimits({ db, runIds }: Replay): Map<string, number> {
  const limits = new Map<string, number>()
  for (const runId of runIds) {
    for (const { segment, visibleTo } of listSegments(db, runId)) limits.set(`${runId}/${segment}`, visibleTo)
  }
  return limits
}

function chunkHeads(
  { db, runIds }: Replay,
  from: number,
  to: number
): { id: number; run_id: string; key: string }[] {
  return all(
    db,
    `SELECT metric_chunks.id AS id, run_id, key FROM metric_chunks JOIN metric_keys ON metric_keys.id = key_id
     WHERE run_id IN (${placeholders(runIds.length)}) AND last_sequence > ? AND first_sequence <= ?`,
    ...runIds,
    from,
    to
  )
}

function chunkOf({ db, chunks }: Replay, id: number): StoredPoints {
  const known = chunks.get(id)
  if (known !== undefined) return known
  const points = decodeChunk(one<ChunkRow>(db, 'SELECT * FROM metric_chunks WHERE id = ?', id)!)
  if (chunks.size >= decodedChunks) chunks.delete(chunks.keys().next().value!)
  chunks.set(id, points)
  return points
}

function tailBetween({ db, runIds }: Replay, from: number, to: number): (TailRow & { key: string })[] {
  return all(
    db,
    `SELECT metric_tail.*, key FROM metric_tail JOIN metric_keys ON metric_keys.id = key_id
     WHERE sequence > ? AND sequence <= ? AND run_id IN (${placeholders(runIds.length)})`,
    from,
    to,
    ...runIds
  )
}
