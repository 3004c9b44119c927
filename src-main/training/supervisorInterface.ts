import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { FreshEvaluation } from '../../src-preload/contract/evaluations.ts'
import type { Plan } from '../../src-preload/contract/runs.ts'
import type { EngineChooser } from '../engines/choice.ts'
import type { Log } from '../base/log.ts'
import type { ProcessHost } from '../base/processHost.ts'
import type { Home } from '../store/home.ts'
import type { WritableDb } from '../store/open.ts'

/**
 * The seam between the run queue (training) and the contract's handlers (api).
 *
 * The supervisor owns the trainers and writes what they say through the store, in this process, then announces it:
 * - plan -> `insertExperiment`, `insertRuns` (store/runs.ts), state `queued`
 * - `started` -> `updateRun(db, id, { state: 'running', engine, bitExact, ... })`; when resumed also
 *   `beginSegment(db, id, resumedFrom)` (store/segments.ts) before the first new point, so that points after the checkpoint become
 *   the hidden tail and the seam is marked
 * - `metrics` -> `MetricWriter.push(id, blocks)` (store/metricWriter.ts); it commits by itself at 250 ms or 1000 points
 * - `progress` -> `updateRun(db, id, { progress })`
 * - `evaluation` -> `MetricWriter.flush()`, then `addEvaluation` (store/evaluations.ts); rollout files are already in place
 * - `checkpoint` -> `addCheckpoint` (store/checkpoints.ts) after the file is in place
 * - `log` -> `appendLog` (store/log.ts)
 * - `ended`, exit or kill -> `MetricWriter.flush()`, `sealRun` (store/seal.ts), `updateRun(db, id, { state, reason, endedAt })`
 * Reads need no supervisor: everything shown comes from the store.
 */
export interface RunSupervisor {
  /** Checks a plan without storing anything. */
  estimate(plan: Plan): Promise<PlanEstimate>
  /**
   * Stores one queued run for every dataset x algorithm x seed and starts what the slots allow.
   * @throws UserError('invalid-config' | 'incompatible-data' | 'not-found')
   */
  create(plan: Plan): Promise<{ readonly experimentId: string; readonly runIds: readonly string[] }>
  /** Asks trainers to write a checkpoint and exit; queued runs become `paused`. Resolves when the request is stored. */
  pause(ids: readonly string[]): Promise<void>
  /**
   * Queues paused, stopped, failed or interrupted runs again, from their newest whole checkpoint.
   * @throws UserError('conflict') when the pinned engine is gone and `allowInexact` is false
   */
  resume(ids: readonly string[], allowInexact: boolean): Promise<void>
  /** Asks trainers to write a final checkpoint and end; queued runs become `stopped`. */
  stop(ids: readonly string[]): Promise<void>
  /** True while a trainer process of this run lives or may be started; such a run cannot be removed. */
  isActive(id: string): boolean
  /** Reads or sets the number of runs that train side by side. */
  slots(set: number | null): { readonly slots: number; readonly cores: number }
  /**
   * Writes an export into the home folder's `exports/`.
   * @throws UserError('not-found') when the run or the checkpoint is absent
   */
  export(request: ExportRequest): Promise<ExportResult>
  /**
   * Evaluates a checkpoint's policy anew, in a process of its own; nothing is stored but rollouts that are kept.
   * @throws UserError('not-found' | 'unsupported' | 'conflict')
   */
  evaluate(request: EvaluationRequest, signal: AbortSignal): Promise<FreshEvaluation>
  /** Ends every trainer: a checkpoint within `graceMs`, then SIGKILL; such runs become `interrupted` or `paused`. */
  close(graceMs: number): Promise<void>
}

/** What the api hands to `createSupervisor(dependencies)` in training/supervisor.ts. */
export interface SupervisorDependencies {
  readonly db: WritableDb
  readonly home: Home
  readonly processes: ProcessHost
  readonly changes: ChangeSink
  readonly log: Log
  readonly engines: () => Promise<readonly EngineInfo[]>
  readonly cores: number
  /** Picks the engine of runs that leave it to us; absent: the first that is available. */
  readonly chooser?: EngineChooser
}

/** Where the supervisor says what it has just committed; the api's change hub implements it. Calls return at once. */
export interface ChangeSink {
  runsChanged(ids: readonly string[]): void
  runsRemoved(ids: readonly string[]): void
  pointsAppended(runId: string): void
  evaluationAdded(runId: string): void
  logAppended(runId: string): void
}

export interface PlanEstimate {
  readonly runs: number
  /** Seconds for the whole plan with the present slots; null when unknown. */
  readonly seconds: number | null
  readonly basis: string
  /** What the rollouts that are kept need on disk at most, for all runs. */
  readonly rolloutBytes: number
  readonly problems: readonly {
    readonly algorithm: string | null
    readonly field: string | null
    readonly text: string
  }[]
}

export interface EvaluationRequest {
  readonly id: string
  /** Null for the newest. */
  readonly checkpointStep: number | null
  readonly episodes: number
  /** Episodes kept whole; none when absent. */
  readonly keep?: number
}

export interface ExportRequest {
  readonly id: string
  readonly what: 'policy' | 'metrics' | 'folder'
  readonly checkpointStep: number | null
}

export interface ExportResult {
  /** Folder or file name under `exports/`. */
  readonly name: string
  readonly sizeBytes: number
  /** What was checked after writing, in one sentence; null when nothing was. */
  readonly checked: string | null
}
