import type { Execution } from '../../src-preload/contract/execution.ts'
import type { Precision } from '../../src-preload/contract/precision.ts'
import type { RunProgress } from '../../src-preload/contract/runs.ts'

/** All that a trainer needs to know; written beside the run so that a run can be repeated from its folder. */
export interface TrainingJob {
  readonly runId: string
  /** Folder of the run: `checkpoints/`, `rollouts/`, `job.json`. */
  readonly folder: string
  readonly datasetFolder: string
  readonly algorithm: string
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly engine: string
  readonly threads: number
  readonly precision: Precision
  readonly environmentId: string | null
  /** Processes that share out the episodes of an evaluation, at most; no result depends on it. 1 when absent. */
  readonly simulators?: number
  /** Continue from the newest whole checkpoint in the folder. */
  readonly resume: boolean
  /** Number of runs that train with it in one graph, itself included; absent for a run by itself. */
  readonly lanes?: number
}

export type ToTrainer =
  | { readonly kind: 'start'; readonly job: TrainingJob }
  | { readonly kind: 'pause' }
  | { readonly kind: 'stop' }
  /** Points and evaluations up to this number are in the store; the trainer need not keep them. */
  | { readonly kind: 'stored'; readonly sequence: number }
  /** Instead of `start`: writes a checkpoint's policy as ONNX to `file`, answers `exported` and ends. */
  | {
      readonly kind: 'export'
      readonly job: TrainingJob
      readonly checkpoint: string
      readonly file: string
    }
  /** Instead of `start`: runs a checkpoint's policy for some episodes, answers `evaluated` and ends. */
  | {
      readonly kind: 'evaluate'
      readonly job: TrainingJob
      readonly checkpoint: string
      readonly episodes: number
      /** Episodes kept whole in the run's `rollouts/`. */
      readonly keep: number
    }

/** What a process gets that trains several runs: first `group`, then each run's messages, its `start` first. */
export type ToGroup =
  | { readonly kind: 'group'; readonly runIds: readonly string[] }
  | { readonly kind: 'to'; readonly runId: string; readonly message: ToTrainer }

/** What a run of such a process says. */
export interface FromGroup {
  readonly kind: 'from'
  readonly runId: string
  readonly message: FromTrainer
}

export interface MetricBlock {
  readonly key: string
  readonly steps: readonly number[]
  /** Active seconds since the run's start (monotonic, summed over resumes). */
  readonly seconds: readonly number[]
  /** Non-finite values by name survive the channel: the channel uses structured clone ('advanced' serialization). */
  readonly values: Float64Array
}

export interface EvaluationMessage {
  readonly step: number
  readonly seconds: number
  readonly returns: Float64Array
  readonly lengths: Int32Array
  readonly outcomes: readonly string[]
  readonly failedEpisodes: number
  /** Normalised score of the mean return; null without references. */
  readonly score: number | null
  /** Rollout files already in place under `rollouts/`. */
  readonly rollouts: readonly {
    readonly episode: number
    readonly file: string
    readonly return: number
    readonly outcome: string
  }[]
}

/** Points and evaluations are kept by the trainer until they are stored. */
interface Numbered {
  /** From 1, in the order of sending; given when the message leaves. */
  readonly sequence?: number
  /** Sent by an earlier process of this run, which never heard that it was stored; perhaps it was. */
  readonly repeated?: boolean
}

export type FromTrainer =
  | {
      readonly kind: 'started'
      readonly engine: {
        id: string
        version: string
        threads: number
        device: string
        precision: Precision
        lanes?: number
        /** Of the checkpoint that it goes on from; what follows may differ. */
        execution?: Execution
      }
      readonly resumedFrom: number | null
      readonly bitExact: boolean
    }
  /** How the steps run, once some have; not bit-exact when those before the resume ran otherwise. */
  | { readonly kind: 'runsAs'; readonly execution: Execution; readonly bitExact: boolean }
  | ({ readonly kind: 'metrics'; readonly blocks: readonly MetricBlock[] } & Numbered)
  | { readonly kind: 'progress'; readonly progress: RunProgress; readonly activeSeconds: number }
  | ({ readonly kind: 'evaluation'; readonly evaluation: EvaluationMessage } & Numbered)
  | {
      readonly kind: 'checkpoint'
      readonly step: number
      readonly file: string
      readonly sizeBytes: number
      readonly checkpointKind: 'periodic' | 'final' | 'pause'
      /** Steps of older checkpoints that are no longer there. */
      readonly removed: readonly number[]
    }
  | {
      readonly kind: 'log'
      readonly level: 'info' | 'warning' | 'error'
      readonly step: number | null
      readonly text: string
    }
  | {
      readonly kind: 'ended'
      readonly state: 'finished' | 'paused' | 'stopped' | 'diverged' | 'failed'
      readonly reason: string | null
    }
  | { readonly kind: 'evaluated'; readonly evaluation: EvaluationMessage }
  | { readonly kind: 'exported'; readonly sizeBytes: number; readonly checked: string }
