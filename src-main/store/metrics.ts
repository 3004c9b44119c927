import { UserError } from '../base/errors.ts'
import { packColumns, pointsCrc, unpackColumns, unpackSummary } from './pointCodec.ts'
import { currentSegment, listSegments } from './segmentRows.ts'
import {
  all,
  float64Of,
  one,
  packReal,
  run,
  transaction,
  unpackReal,
  type ReadableDb,
  type WritableDb
} from './sql.ts'

/** Some points of one curve, in step order; equal lengths. Seconds count the run's active time. */
export interface PointBlock {
  readonly key: string
  readonly steps: ArrayLike<number>
  readonly seconds: ArrayLike<number>
  readonly values: ArrayLike<number>
}

/** Points of one curve and one segment in the order they were written, each with the sequence it was written under. */
export interface StoredPoints {
  readonly segment: number
  readonly steps: Float64Array
  readonly seconds: Float64Array
  readonly values: Float64Array
  readonly sequences: Float64Array
}

/** A curve whose tail has grown long enough to be sealed. */
export interface FullTail {
  readonly runId: string
  readonly keyId: number
}

export const chunkPoints = 4096

/**
 * Adds points of one run, all or none. Call it with at most 1000 points, so that a transaction stays short.
 * @returns curves whose tail should now be sealed
 */
export function appendPoints(db: WritableDb, runId: string, blocks: readonly PointBlock[]): FullTail[] {
  return transaction(db, () => {
    const segment = currentSegment(db, runId)
    const full: FullTail[] = []
    for (const block of blocks) {
      if (block.values.length === 0) continue
      const keyId = keyIdOf(db, block.key)
      if (appendBlock(db, runId, keyId, segment, block) >= chunkPoints) full.push({ runId, keyId })
    }
    return full
  })
}

function appendBlock(
  db: WritableDb,
  runId: string,
  keyId: number,
  segment: number,
  block: PointBlock
): number {
  const steps = Float64Array.from(block.steps)
  const values = Float64Array.from(block.values)
  insertTail(db, { runId, keyId, segment, steps, seconds: Float64Array.from(block.seconds), values })
  const last = values.length - 1
  return one<{ tail_points: number }>(
    db,
    `INSERT INTO metric_series (run_id, key_id, points, non_finite, last_step, last_value, tail_points)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_id, key_id) DO UPDATE SET points = points + excluded.points, non_finite = non_finite + excluded.non_finite,
       last_step = excluded.last_step, last_value = excluded.last_value, tail_points = tail_points + excluded.tail_points
     RETURNING tail_points`,
    runId,
    keyId,
    values.length,
    values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0),
    steps[last],
    packReal(values[last]),
    values.length
  )!.tail_points
}

interface TailPoints extends Omit<StoredPoints, 'sequences'> {
  readonly runId: string
  readonly keyId: number
}

function insertTail(db: WritableDb, points: TailPoints): void {
  const data = packTail(points)
  run(
    db,
    'INSERT INTO metric_tail (run_id, key_id, segment, points, crc, data) VALUES (?, ?, ?, ?, ?, ?)',
    points.runId,
    points.keyId,
    points.segment,
    points.values.length,
    tailCrc(points.keyId, points.segment, points.values.length, data),
    data
  )
}

export const packTail = (points: Omit<StoredPoints, 'sequences' | 'segment'>): Uint8Array =>
  packColumns([points.steps, points.seconds, points.values])

export const tailCrc = (keyId: number, segment: number, points: number, data: Uint8Array): number =>
  pointsCrc([keyId, segment, points], data)

export interface TailRow {
  readonly sequence: number
  readonly run_id: string
  readonly key_id: number
  readonly segment: number
  readonly points: number
  readonly crc: number
  readonly data: Uint8Array
}

/** @throws UserError('store-corrupt') when the checksum does not match */
export function decodeTail(row: TailRow): StoredPoints {
  if (tailCrc(row.key_id, row.segment, row.points, row.data) !== row.crc)
    throw damaged(row.run_id, `block ${row.sequence}`)
  const [steps, seconds, values] = unpackColumns(row.data, 3, row.points)
  return {
    segment: row.segment,
    steps,
    seconds,
    values,
    sequences: new Float64Array(row.points).fill(row.sequence)
  }
}

export interface ChunkRow {
  readonly id: number
  readonly run_id: string
  readonly key_id: number
  readonly segment: number
  readonly first_sequence: number
  readonly last_sequence: number
  readonly points: number
  readonly first_step: number
  readonly last_step: number
  readonly summary: Uint8Array
  readonly crc: number
  readonly data: Uint8Array
}

export function chunkCrc(row: Omit<ChunkRow, 'id' | 'crc' | 'run_id'>): number {
  const header = [
    row.key_id,
    row.segment,
    row.first_sequence,
    row.last_sequence,
    row.points,
    row.first_step,
    row.last_step
  ]
  return pointsCrc(header, row.summary, row.data)
}

/** @throws UserError('store-corrupt') when the checksum does not match */
export function decodeChunk(row: ChunkRow): StoredPoints {
  if (chunkCrc(row) !== row.crc) throw damaged(row.run_id, `chunk ${row.id}`)
  const [steps, seconds, values, sequences] = unpackColumns(row.data, 4, row.points)
  return { segment: row.segment, steps, seconds, values, sequences }
}

const damaged = (runId: string, place: string): UserError =>
  new UserError(
    'store-corrupt',
    `${place} of the metrics of run ${runId} is damaged; "stitchwork doctor" lists what is lost`,
    {
      runId,
      place
    }
  )

/**
 * All stored points of a curve in the order they were written, hidden ones included.
 * @throws UserError('store-corrupt') when a block does not match its checksum: never a wrong curve
 */
export function readPoints(db: ReadableDb, runId: string, keyId: number): StoredPoints[] {
  const chunks = all<ChunkRow>(
    db,
    'SELECT * FROM metric_chunks WHERE run_id = ? AND key_id = ? ORDER BY first_sequence, id',
    runId,
    keyId
  )
  return [...chunks.map(decodeChunk), ...tailRows(db, runId, keyId).map(decodeTail)]
}

/** Unsealed blocks of a curve, oldest first. */
export const tailRows = (db: ReadableDb, runId: string, keyId: number): TailRow[] =>
  all<TailRow>(
    db,
    'SELECT * FROM metric_tail WHERE run_id = ? AND key_id = ? ORDER BY sequence',
    runId,
    keyId
  )

function keyIdOf(db: WritableDb, key: string): number {
  return findKeyId(db, key) ?? run(db, 'INSERT INTO metric_keys (key) VALUES (?)', key).rowId
}

/** Id of a metric key, or undefined when no run has it. */
export const findKeyId = (db: ReadableDb, key: string): number | undefined =>
  one<{ id: number }>(db, 'SELECT id FROM metric_keys WHERE key = ?', key)?.id

/** What is known of a curve without reading it; hidden points do not count. */
export interface SeriesFacts {
  readonly runId: string
  readonly key: string
  readonly points: number
  readonly nonFinite: number
  readonly lastStep: number
  readonly lastValue: number
}

/** Facts of all curves of a run. */
export function seriesFacts(db: ReadableDb, runId: string): SeriesFacts[] {
  const rows = all<{
    key: string
    points: number
    non_finite: number
    last_step: number
    last_value: Uint8Array
  }>(
    db,
    `SELECT key, points, non_finite, last_step, last_value FROM metric_series
     JOIN metric_keys ON metric_keys.id = key_id WHERE run_id = ? AND points > 0 ORDER BY key`,
    runId
  )
  return rows.map(row => ({
    runId,
    key: row.key,
    points: row.points,
    nonFinite: row.non_finite,
    lastStep: row.last_step,
    lastValue: unpackReal(row.last_value)!
  }))
}

/** Counts the visible points of every curve of a run anew, after a resume has hidden some. */
export function recountSeries(db: WritableDb, runId: string): void {
  const visibleTo = new Map(listSegments(db, runId).map(segment => [segment.segment, segment.visibleTo]))
  const keys = all<{ key_id: number }>(db, 'SELECT key_id FROM metric_series WHERE run_id = ?', runId)
  for (const { key_id: keyId } of keys) {
    let count = 0
    let nonFinite = 0
    let last: readonly [number, number] = [0, NaN]
    for (const part of readPoints(db, runId, keyId)) {
      const limit = visibleTo.get(part.segment) ?? Infinity
      for (let i = 0; i < part.values.length; i++) {
        if (part.steps[i] > limit) continue
        count++
        if (!Number.isFinite(part.values[i])) nonFinite++
        last = [part.steps[i], part.values[i]]
      }
    }
    run(
      db,
      'UPDATE metric_series SET points = ?, non_finite = ?, last_step = ?, last_value = ? WHERE run_id = ? AND key_id = ?',
      count,
      nonFinite,
      last[0],
      packReal(last[1]),
      runId,
      keyId
    )
  }
}

/** The newest sequence given to any block; follow streams go on from here. */
export const newestSequence = (db: ReadableDb): number =>
  one<{ seq: number }>(db, "SELECT seq FROM sqlite_sequence WHERE name = 'metric_tail'")?.seq ?? 0

/** Summary of a sealed chunk. */
export const summaryOf = (row: Pick<ChunkRow, 'summary'>) => unpackSummary(float64Of(row.summary))
