import type { Evaluation } from '../../src-preload/contract/evaluations.ts'
import { encodeColumn, toScalar } from '../../src-preload/contract/values.ts'
import { now } from '../base/clock.ts'
import { mean, sampleDeviation } from '../base/moments.ts'
import { currentSegment } from './segmentRows.ts'
import {
  all,
  bytesOf,
  float64Of,
  int32Of,
  one,
  packReal,
  run,
  transaction,
  unpackReal,
  type ReadableDb,
  type WritableDb
} from './sql.ts'

/** A finished evaluation; its rollout files are already in place under the run's `rollouts/`. */
export interface EvaluationRecord {
  readonly step: number
  readonly seconds: number
  readonly returns: Float64Array
  readonly lengths: Int32Array
  readonly outcomes: readonly string[]
  readonly failedEpisodes: number
  readonly score: number | null
  readonly rollouts: readonly RolloutRecord[]
}

export interface RolloutRecord {
  readonly episode: number
  /** File name in the folder. */
  readonly file: string
  readonly return: number
  readonly outcome: string
}

interface EvaluationRow {
  sequence: number
  run_id: string
  segment: number
  step: number
  at: number
  seconds: number
  returns: Uint8Array
  lengths: Uint8Array
  outcomes: string
  score: Uint8Array | null
  failed_episodes: number
}

/** Stores an evaluation with its rollouts and brings the run's final and best return up to date, in one transaction. */
export function addEvaluation(db: WritableDb, runId: string, evaluation: EvaluationRecord): void {
  transaction(db, () => {
    const segment = currentSegment(db, runId)
    run(
      db,
      'DELETE FROM evaluations WHERE run_id = ? AND segment = ? AND step = ?',
      runId,
      segment,
      evaluation.step
    )
    run(
      db,
      `INSERT INTO evaluations (run_id, segment, step, at, seconds, returns, lengths, outcomes, score, failed_episodes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      runId,
      segment,
      evaluation.step,
      now(),
      evaluation.seconds,
      bytesOf(Float64Array.from(evaluation.returns)),
      bytesOf(Int32Array.from(evaluation.lengths)),
      JSON.stringify(evaluation.outcomes),
      packReal(evaluation.score),
      evaluation.failedEpisodes
    )
    for (const rollout of evaluation.rollouts) addRollout(db, runId, segment, evaluation.step, rollout)
    updateRunScores(db, runId)
  })
}

function addRollout(
  db: WritableDb,
  runId: string,
  segment: number,
  step: number,
  rollout: RolloutRecord
): void {
  run(
    db,
    `INSERT INTO rollouts (run_id, segment, step, episode, file, total_return, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_id, segment, step, episode) DO UPDATE SET file = excluded.file, total_return = excluded.total_return,
       outcome = excluded.outcome`,
    runId,
    segment,
    step,
    rollout.episode,
    rollout.file,
    packReal(rollout.return),
    rollout.outcome
  )
}

/** Steps of a run's visible evaluations. */
export const evaluatedSteps = (db: ReadableDb, runId: string): number[] =>
  all<{ step: number }>(
    db,
    'SELECT DISTINCT step FROM evaluations WHERE run_id = ? AND hidden = 0 ORDER BY step',
    runId
  ).map(({ step }) => step)

/**
 * Adds rollouts, whose files are in place, to the visible evaluation of their step, and gives it a new sequence, so that those
 * who follow the run get it once more. Without such an evaluation nothing changes.
 */
export function addRollouts(
  db: WritableDb,
  runId: string,
  step: number,
  rollouts: readonly RolloutRecord[]
): void {
  const newest = `SELECT * FROM evaluations WHERE run_id = ? AND step = ? AND hidden = 0 ORDER BY segment DESC LIMIT 1`
  transaction(db, () => {
    const row = one<EvaluationRow>(db, newest, runId, step)
    if (!row) return
    const columns = 'run_id, segment, step, at, seconds, returns, lengths, outcomes, score, failed_episodes'
    run(db, 'DELETE FROM evaluations WHERE sequence = ?', row.sequence)
    run(
      db,
      `INSERT INTO evaluations (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[row.run_id, row.segment, row.step, row.at, row.seconds],
      ...[row.returns, row.lengths, row.outcomes, row.score, row.failed_episodes]
    )
    for (const rollout of rollouts) addRollout(db, runId, row.segment, step, rollout)
  })
}

/** Visible evaluations of a run by step; where a resumed run repeated a step, the later one. */
export function listEvaluations(db: ReadableDb, runId: string): Evaluation[] {
  const rows = all<EvaluationRow>(
    db,
    'SELECT * FROM evaluations WHERE run_id = ? AND hidden = 0 ORDER BY step, segment',
    runId
  )
  const byStep = new Map(rows.map(row => [row.step, row]))
  return [...byStep.values()].map(row => fromRow(db, row))
}

/** Visible evaluations of a run stored after a sequence, in the order they were stored, with the newest sequence. */
export function evaluationsAfter(
  db: ReadableDb,
  runId: string,
  after: number
): { readonly evaluations: Evaluation[]; readonly sequence: number } {
  const rows = all<EvaluationRow>(
    db,
    'SELECT * FROM evaluations WHERE run_id = ? AND sequence > ? AND hidden = 0 ORDER BY sequence',
    runId,
    after
  )
  return { evaluations: rows.map(row => fromRow(db, row)), sequence: rows.at(-1)?.sequence ?? after }
}

function fromRow(db: ReadableDb, row: EvaluationRow): Evaluation {
  const returns = float64Of(row.returns)
  const lengths = int32Of(row.lengths)
  const score = unpackReal(row.score)
  const rollouts = all<{ episode: number }>(
    db,
    'SELECT episode FROM rollouts WHERE run_id = ? AND segment = ? AND step = ? ORDER BY episode',
    row.run_id,
    row.segment,
    row.step
  )
  return {
    runId: row.run_id,
    step: row.step,
    at: row.at,
    seconds: row.seconds,
    returns: encodeColumn(returns),
    lengths: encodeColumn(lengths),
    outcomes: JSON.parse(row.outcomes) as string[],
    meanReturn: toScalar(mean(returns)),
    standardDeviation: toScalar(sampleDeviation(returns)),
    meanLength: toScalar(mean(lengths)),
    score: score === null ? null : toScalar(score),
    failedEpisodes: row.failed_episodes,
    rollouts: rollouts.map(rollout => rollout.episode)
  }
}

/** The file of a kept rollout of a visible evaluation, or undefined. */
export function findRollout(
  db: ReadableDb,
  runId: string,
  step: number,
  episode: number
): RolloutRecord | undefined {
  const row = one<{ episode: number; file: string; total_return: Uint8Array; outcome: string }>(
    db,
    `SELECT episode, file, total_return, outcome FROM rollouts
     WHERE run_id = ? AND step = ? AND episode = ? ORDER BY segment DESC LIMIT 1`,
    runId,
    step,
    episode
  )
  return (
    row && {
      episode: row.episode,
      file: row.file,
      return: unpackReal(row.total_return)!,
      outcome: row.outcome
    }
  )
}

/** Hides evaluations of steps that a resumed run computes again. */
export function hideEvaluationsAfter(db: WritableDb, runId: string, step: number): void {
  transaction(db, () => {
    run(db, 'UPDATE evaluations SET hidden = 1 WHERE run_id = ? AND step > ?', runId, step)
    updateRunScores(db, runId)
  })
}

/** Final is the last visible evaluation; best is the highest mean return of any, non-finite ones left out. */
function updateRunScores(db: WritableDb, runId: string): void {
  const rows = all<Pick<EvaluationRow, 'step' | 'returns' | 'score'>>(
    db,
    'SELECT step, returns, score FROM evaluations WHERE run_id = ? AND hidden = 0 ORDER BY step, segment',
    runId
  )
  const last = rows.at(-1)
  const means = rows.map(row => mean(float64Of(row.returns))).filter(Number.isFinite)
  run(
    db,
    'UPDATE runs SET final_return = ?, final_score = ?, best_return = ? WHERE id = ?',
    last === undefined ? null : packReal(mean(float64Of(last.returns))),
    last?.score ?? null,
    means.length === 0 ? null : packReal(means.reduce((best, value) => Math.max(best, value))),
    runId
  )
}
