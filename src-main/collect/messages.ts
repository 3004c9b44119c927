import type { WireError } from '../../src-preload/contract/errors.ts'
import type { TierJob } from '../datasets/importMessages.ts'

/** One training of a behaviour. */
export interface TrainJob {
  readonly kind: 'train'
  readonly environmentId: string
  readonly learner: 'ppo'
  readonly seed: number
  readonly steps: number
  readonly folder: string
}

/** A collector does one job and exits; `stop` ends a training with what was reached. */
export type ToCollector = TrainJob | TierJob | { readonly kind: 'stop' }

/** What a training tells; a tier answers as an importer does. */
export type FromTraining =
  /** A checkpoint is whole in the folder. */
  | { readonly kind: 'checkpoint'; readonly steps: number }
  /** `stopped` when it was asked to end before its time. */
  | { readonly kind: 'finished'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: WireError }
