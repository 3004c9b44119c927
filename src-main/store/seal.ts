import { packColumns, packSummary, summarise } from './pointCodec.ts'
import {
  chunkCrc,
  chunkPoints,
  decodeTail,
  packTail,
  tailCrc,
  tailRows,
  type FullTail,
  type StoredPoints,
  type TailRow
} from './metrics.ts'
import { all, bytesOf, run, transaction, type WritableDb } from './sql.ts'

/**
 * Moves the oldest 4096 points of a curve's tail into one checksummed chunk.
 * @returns true when the rest is again long enough to be sealed
 */
export function sealTail(db: WritableDb, tail: FullTail): boolean {
  return transaction(db, () => {
    const rest = sealChunks(db, tail, chunkPoints, 1)
    return rest >= chunkPoints
  })
}

/** Seals all that is left of a run's curves: at its end, and before a resume starts a new segment. */
export function sealRun(db: WritableDb, runId: string): void {
  transaction(db, () => {
    const keys = all<{ key_id: number }>(
      db,
      'SELECT key_id FROM metric_series WHERE run_id = ? AND tail_points > 0',
      runId
    )
    for (const { key_id: keyId } of keys) sealChunks(db, { runId, keyId }, 1, Infinity)
  })
}

/** Seals at most `limit` chunks of at least `least` points; returns the number of points left in the tail. */
function sealChunks(db: WritableDb, tail: FullTail, least: number, limit: number): number {
  const rows = tailRows(db, tail.runId, tail.keyId)
  let left = rows.reduce((sum, row) => sum + row.points, 0)
  for (let sealed = 0; sealed < limit && left >= least && left > 0; sealed++)
    left -= sealFirst(db, tail, rows)
  run(
    db,
    'UPDATE metric_series SET tail_points = ? WHERE run_id = ? AND key_id = ?',
    left,
    tail.runId,
    tail.keyId
  )
  return left
}

/** Seals the first chunk of `rows`, shortens `rows` by what it took, and returns the number of points sealed. */
function sealFirst(db: WritableDb, tail: FullTail, rows: TailRow[]): number {
  const taken: StoredPoints[] = []
  let room = chunkPoints
  while (room > 0 && rows.length > 0 && (taken.length === 0 || rows[0].segment === taken[0].segment)) {
    const row = rows.shift()!
    const points = decodeTail(row)
    taken.push(slice(points, 0, room))
    if (row.points > room) rows.unshift(keepRest(db, row, slice(points, room)))
    else run(db, 'DELETE FROM metric_tail WHERE sequence = ?', row.sequence)
    room -= Math.min(room, row.points)
  }
  insertChunk(db, tail, join(taken))
  return chunkPoints - room
}

/** Shortens a block to the points that did not fit into the chunk; it keeps its sequence. */
function keepRest(db: WritableDb, row: TailRow, rest: StoredPoints): TailRow {
  const data = packTail(rest)
  const points = rest.values.length
  const crc = tailCrc(row.key_id, row.segment, points, data)
  run(
    db,
    'UPDATE metric_tail SET points = ?, crc = ?, data = ? WHERE sequence = ?',
    points,
    crc,
    data,
    row.sequence
  )
  return { ...row, points, crc, data }
}

function insertChunk(db: WritableDb, tail: FullTail, points: StoredPoints): void {
  const last = points.values.length - 1
  const row = {
    key_id: tail.keyId,
    segment: points.segment,
    first_sequence: points.sequences[0],
    last_sequence: points.sequences[last],
    points: points.values.length,
    first_step: points.steps[0],
    last_step: points.steps[last],
    summary: bytesOf(packSummary(summarise(points.values))),
    data: packColumns([points.steps, points.seconds, points.values, points.sequences])
  }
  run(
    db,
    `INSERT INTO metric_chunks (run_id, key_id, segment, first_sequence, last_sequence, points, first_step, last_step,
       summary, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    tail.runId,
    row.key_id,
    row.segment,
    row.first_sequence,
    row.last_sequence,
    row.points,
    row.first_step,
    row.last_step,
    row.summary,
    chunkCrc(row),
    row.data
  )
}

function slice(points: StoredPoints, from: number, to?: number): StoredPoints {
  return {
    segment: points.segment,
    steps: points.steps.slice(from, to),
    seconds: points.seconds.slice(from, to),
    values: points.values.slice(from, to),
    sequences: points.sequences.slice(from, to)
  }
}

function join(parts: readonly StoredPoints[]): StoredPoints {
  return {
    segment: parts[0].segment,
    steps: concat(parts.map(part => part.steps)),
    seconds: concat(parts.map(part => part.seconds)),
    values: concat(parts.map(part => part.values)),
    sequences: concat(parts.map(part => part.sequences))
  }
}

/** Arrays one after the other. */
export function concat(arrays: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0))
  let offset = 0
  for (const array of arrays) {
    joined.set(array, offset)
    offset += array.length
  }
  return joined
}
