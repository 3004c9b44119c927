import type { HostTensors } from '../base/tensors.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { EpisodeRange, EpisodeSetting, PlayedEpisodes, PolicyMoment } from './episodes.ts'
import type { PolicyForm } from './policyForm.ts'

/** All that a simulator needs to know of a run; sent once. */
export interface SimulationJob {
  readonly setting: EpisodeSetting
  readonly normaliser: Normaliser
  readonly policy: PolicyForm
}

export type ToSimulator =
  | { readonly kind: 'open'; readonly job: number; readonly simulation: SimulationJob }
  /** Plays some episodes of an evaluation; answers `played`. */
  | {
      readonly kind: 'play'
      readonly job: number
      readonly at: PolicyMoment
      readonly range: EpisodeRange
      /** The parameters that the policy's form reads; null: those of the job's last range. */
      readonly tensors: HostTensors | null
    }
  /** Ends the range that is played; it answers `failed`. */
  | { readonly kind: 'cancel' }

export type FromSimulator =
  | { readonly kind: 'played'; readonly played: PlayedEpisodes }
  /** `code` is that of a UserError, which travels as such. */
  | { readonly kind: 'failed'; readonly code: string | null; readonly reason: string }
