import type { HostTensors } from '../base/tensors.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { EpisodeSetting, PolicyMoment } from './episodes.ts'
import type { EvaluationMessage } from './messages.ts'
import type { PolicyForm } from './policyForm.ts'

/** All that a simulator needs to know of a run; sent once. */
export interface SimulationJob {
  readonly setting: EpisodeSetting
  readonly normaliser: Normaliser
  readonly policy: PolicyForm
}

export type ToSimulator =
  | { readonly kind: 'open'; readonly job: number; readonly simulation: SimulationJob }
  | {
      readonly kind: 'evaluate'
      readonly job: number
      readonly at: PolicyMoment
      /** The parameters that the policy's form reads. */
      readonly tensors: HostTensors
    }
  /** Ends the evaluation that runs; it answers `failed`. */
  | { readonly kind: 'cancel' }

export type FromSimulator =
  | { readonly kind: 'evaluated'; readonly evaluation: EvaluationMessage }
  /** `code` is that of a UserError, which travels as such. */
  | { readonly kind: 'failed'; readonly code: string | null; readonly reason: string }
