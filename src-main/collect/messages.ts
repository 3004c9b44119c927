import type { Learner, Stretch } from '../../src-preload/contract/collect.ts'
import type { WireError } from '../../src-preload/contract/errors.ts'
import type { TierJob } from '../datasets/importMessages.ts'

/** One training of a behaviour. */
export interface TrainJob {
  readonly kind: 'train'
  readonly environmentId: string
  readonly learner: Learner
  readonly seed: number
  readonly steps: number
  readonly folder: string
  /** Goes on from what is in the folder. */
  readonly resume: boolean
}

/** A collector does one job and exits; `stop` ends a training with what was reached. */
export type ToCollector = TrainJob | TierJob | { readonly kind: 'stop' }

export interface TrainingProgress {
  /** Environment steps lived. */
  readonly lived: number
  readonly stepsPerSecond: number
  /** Mean return of the last episodes, exploration included; null before the first. */
  readonly recentReturn: number | null
}

/** What a training tells; a tier answers as an importer does. */
export type FromTraining =
  /** It begins, or goes on; the steps lived before, and what does its arithmetic. */
  | ({ readonly kind: 'started' } & Stretch)
  /** How far it is, at most once a second. */
  | ({ readonly kind: 'progress' } & TrainingProgress)
  /** A checkpoint is whole in the folder. */
  | { readonly kind: 'checkpoint'; readonly steps: number }
  /** `stopped` when it was asked to end before its time. */
  | { readonly kind: 'finished'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: WireError }
