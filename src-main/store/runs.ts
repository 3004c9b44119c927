import type { Precision } from '../../src-preload/contract/precision.ts'
import type { Run, RunProgress, RunState } from '../../src-preload/contract/runs.ts'
import { toScalar, type Scalar } from '../../src-preload/contract/values.ts'
import { UserError } from '../base/errors.ts'
import { now } from '../base/clock.ts'
import {
  all,
  one,
  run,
  transaction,
  unpackReal,
  placeholders,
  type ReadableDb,
  type SqlValue,
  type WritableDb
} from './sql.ts'

/** A run as it is created; everything else starts empty. */
export interface NewRun {
  readonly id: string
  readonly name: string
  readonly experimentId: string
  /** Equal for runs that differ only in seed; runs of one group share a colour. */
  readonly groupKey: string
  readonly groupName: string
  readonly datasetId: string
  readonly environmentId: string | null
  readonly algorithm: string
  readonly seed: number
  /** Complete: defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>
  readonly totalSteps: number
  /** As asked: `auto` or an engine's id. */
  readonly engineWanted: string
  /** As asked; 0 divides the cores among the slots. */
  readonly threadsWanted: number
  /** As asked. */
  readonly precision: Precision
}

/** What changes in the life of a run; absent fields stay as they are. */
export interface RunPatch {
  readonly name?: string
  readonly note?: string
  readonly state?: RunState
  readonly reason?: string | null
  readonly progress?: RunProgress
  readonly engine?: Run['engine']
  /** As asked: `auto` or an engine's id. */
  readonly engineWanted?: string
  readonly precision?: Precision
  readonly bitExact?: boolean
  readonly startedAt?: number | null
  readonly endedAt?: number | null
  readonly activeSeconds?: number
  /** Lower goes first; null when not queued. */
  readonly queueOrder?: number | null
  readonly archived?: boolean
}

/** States in which a trainer process should exist. */
export const activeStates: readonly RunState[] = ['starting', 'running', 'pausing', 'stopping']

interface RunRow {
  id: string
  name: string
  note: string
  experiment_id: string
  experiment_name: string
  group_key: string
  group_name: string
  dataset_id: string
  dataset_name: string
  environment_id: string | null
  algorithm: string
  seed: number
  config: string
  colour: number
  state: RunState
  reason: string | null
  progress: string
  precision: Precision
  engine: string | null
  bit_exact: number
  final_return: Uint8Array | null
  final_score: Uint8Array | null
  best_return: Uint8Array | null
  created_at: number
  started_at: number | null
  ended_at: number | null
  active_seconds: number
  queue_position: number | null
  archived: number
}

/** The place in the queue is counted once for all rows: counted for each, long queues would cost their square. */
const select = `
SELECT runs.*, experiments.name AS experiment_name, datasets.name AS dataset_name, groups.colour AS colour,
  queue.position AS queue_position
FROM runs
LEFT JOIN (SELECT id AS queued_id, rank() OVER (ORDER BY queue_order) - 1 AS position FROM runs WHERE state = 'queued') AS queue
  ON queue.queued_id = runs.id
JOIN experiments ON experiments.id = runs.experiment_id
JOIN datasets ON datasets.id = runs.dataset_id
JOIN groups ON groups.key = runs.group_key`

const scalarOf = (bytes: Uint8Array | null): Scalar | null => {
  const value = unpackReal(bytes)
  return value === null ? null : toScalar(value)
}

/** Runs of the first schema were all float32 and do not say so. */
const engineOf = (text: string): NonNullable<Run['engine']> => ({
  precision: 'float32',
  ...(JSON.parse(text) as Omit<NonNullable<Run['engine']>, 'precision'>)
})

const fromRow = (row: RunRow): Run => ({
  id: row.id,
  name: row.name,
  note: row.note,
  experimentId: row.experiment_id,
  experimentName: row.experiment_name,
  groupKey: row.group_key,
  groupName: row.group_name,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  environmentId: row.environment_id,
  algorithm: row.algorithm,
  seed: row.seed,
  config: JSON.parse(row.config) as Record<string, unknown>,
  colour: row.colour,
  state: row.state,
  reason: row.reason,
  progress: JSON.parse(row.progress) as RunProgress,
  precision: row.precision,
  engine: row.engine === null ? null : engineOf(row.engine),
  bitExact: row.bit_exact === 1,
  finalReturn: scalarOf(row.final_return),
  finalScore: scalarOf(row.final_score),
  bestReturn: scalarOf(row.best_return),
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  activeSeconds: row.active_seconds,
  queuePosition: row.queue_position,
  archived: row.archived === 1
})

/** Runs, newest first and those of one plan in its order; archived ones only when asked for. */
export function listRuns(db: ReadableDb, archived = false): Run[] {
  const rows = all<RunRow>(
    db,
    `${select} WHERE runs.archived <= ? ORDER BY runs.created_at DESC, runs.rowid`,
    archived ? 1 : 0
  )
  return rows.map(fromRow)
}

/** A run, or undefined. */
export function findRun(db: ReadableDb, id: string): Run | undefined {
  const row = one<RunRow>(db, `${select} WHERE runs.id = ?`, id)
  return row && fromRow(row)
}

/** @throws UserError('not-found') */
export function getRun(db: ReadableDb, id: string): Run {
  const found = findRun(db, id)
  if (found === undefined)
    throw new UserError('not-found', `there is no run ${id}; it may have been removed`, { id })
  return found
}

/**
 * The runs with these ids, in the order given.
 * @throws UserError('not-found') for the first that is absent
 */
export function getRuns(db: ReadableDb, ids: readonly string[]): Run[] {
  const found = new Map(findRuns(db, ids).map(run => [run.id, run]))
  return ids.map(id => found.get(id) ?? getRun(db, id))
}

/** Those of the runs with these ids that are there, in one query; in no order. */
export function findRuns(db: ReadableDb, ids: readonly string[]): Run[] {
  const rows = all<RunRow>(
    db,
    `${select} WHERE runs.id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids)
  )
  return rows.map(fromRow)
}

/** What was asked of the engine when the run was planned, or when another one was allowed at a resume. */
export function engineWanted(
  db: ReadableDb,
  id: string
): { readonly engine: string; readonly threads: number } {
  const row = one<{ engine_wanted: string; threads_wanted: number }>(
    db,
    'SELECT engine_wanted, threads_wanted FROM runs WHERE id = ?',
    id
  )
  if (row === undefined)
    throw new UserError('not-found', `there is no run ${id}; it may have been removed`, { id })
  return { engine: row.engine_wanted, threads: row.threads_wanted }
}

/** Ids of queued runs, next first. */
export function queuedRunIds(db: ReadableDb): string[] {
  return all<{ id: string }>(
    db,
    `SELECT id FROM runs WHERE state = 'queued' ORDER BY queue_order, rowid`
  ).map(row => row.id)
}

/** A queue order after every other. */
export function nextQueueOrder(db: ReadableDb): number {
  return one<{ next: number }>(db, 'SELECT coalesce(max(queue_order), 0) + 1 AS next FROM runs')!.next
}

/** Stores new runs, made at one moment and queued in the order given, all or none. */
export function insertRuns(db: WritableDb, runs: readonly NewRun[]): void {
  const createdAt = now()
  transaction(db, () => runs.forEach(newRun => insertRun(db, newRun, createdAt)))
}

function insertRun(db: WritableDb, newRun: NewRun, createdAt: number): void {
  run(
    db,
    `INSERT INTO groups (key, colour) SELECT ?, coalesce(max(colour), -1) + 1 FROM groups WHERE true ON CONFLICT (key) DO NOTHING`,
    newRun.groupKey
  )
  run(
    db,
    `INSERT INTO runs (id, name, experiment_id, group_key, group_name, dataset_id, environment_id, algorithm, seed, config,
       engine_wanted, threads_wanted, precision, state, progress, created_at, queue_order)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)`,
    newRun.id,
    newRun.name,
    newRun.experimentId,
    newRun.groupKey,
    newRun.groupName,
    newRun.datasetId,
    newRun.environmentId,
    newRun.algorithm,
    newRun.seed,
    JSON.stringify(newRun.config),
    newRun.engineWanted,
    newRun.threadsWanted,
    newRun.precision,
    JSON.stringify(emptyProgress(newRun.totalSteps)),
    createdAt,
    nextQueueOrder(db)
  )
  run(db, 'INSERT INTO run_segments (run_id, segment) VALUES (?, 0)', newRun.id)
}

const emptyProgress = (totalSteps: number): RunProgress => ({
  step: 0,
  totalSteps,
  stepsPerSecond: 0,
  secondsLeft: null,
  nextEvaluationStep: null,
  lastCheckpointStep: null,
  lastCheckpointAt: null,
  memoryBytes: 0,
  phase: 'queued'
})

const flag = (value: boolean): number => (value ? 1 : 0)
const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

/** Column of each patch field and how its value is stored. */
const patchColumns: {
  readonly [K in keyof Required<RunPatch>]: readonly [string, (value: never) => SqlValue]
} = {
  name: ['name', String],
  note: ['note', String],
  state: ['state', String],
  reason: ['reason', (value: string | null) => value],
  progress: ['progress', jsonOrNull],
  engine: ['engine', jsonOrNull],
  engineWanted: ['engine_wanted', String],
  precision: ['precision', String],
  bitExact: ['bit_exact', flag],
  startedAt: ['started_at', (value: number | null) => value],
  endedAt: ['ended_at', (value: number | null) => value],
  activeSeconds: ['active_seconds', (value: number) => value],
  queueOrder: ['queue_order', (value: number | null) => value],
  archived: ['archived', flag]
}

/**
 * Changes some fields of a run.
 * @throws UserError('not-found')
 */
export function updateRun(db: WritableDb, id: string, patch: RunPatch): void {
  const entries = Object.entries(patch).filter(([, value]) => value !== undefined) as [
    keyof RunPatch,
    never
  ][]
  if (entries.length === 0) return
  const assignments = entries.map(([field]) => `${patchColumns[field][0]} = ?`).join(', ')
  const values = entries.map(([field, value]) => patchColumns[field][1](value))
  const { changes } = run(db, `UPDATE runs SET ${assignments} WHERE id = ?`, ...values, id)
  if (changes === 0)
    throw new UserError('not-found', `there is no run ${id}; it may have been removed`, { id })
}

/** Forgets runs and all that hangs on them; their folders are the caller's to delete afterwards. */
export function removeRuns(db: WritableDb, ids: readonly string[]): void {
  if (ids.length === 0) return
  transaction(db, () => {
    run(db, `DELETE FROM runs WHERE id IN (${placeholders(ids.length)})`, ...ids)
    run(db, 'DELETE FROM experiments WHERE id NOT IN (SELECT experiment_id FROM runs)')
  })
}

/**
 * Marks runs that claim to be active as interrupted: at start-up no trainer lives.
 * @returns their ids
 */
export function markInterrupted(db: WritableDb): string[] {
  const states = activeStates.map(state => `'${state}'`).join(',')
  const rows = all<{ id: string; progress: string }>(
    db,
    `SELECT id, progress FROM runs WHERE state IN (${states})`
  )
  transaction(db, () => {
    for (const row of rows) {
      const { step, lastCheckpointStep } = JSON.parse(row.progress) as RunProgress
      const next =
        lastCheckpointStep === null
          ? 'it has no checkpoint, so resuming starts over'
          : `resuming goes on from step ${lastCheckpointStep}`
      updateRun(db, row.id, {
        state: 'interrupted',
        reason: `Stitchwork ended while it ran, near step ${step}; ${next}`
      })
    }
  })
  return rows.map(row => row.id)
}

/** Ids of all runs, archived or not. */
export const runIds = (db: ReadableDb): string[] =>
  all<{ id: string }>(db, 'SELECT id FROM runs').map(row => row.id)
