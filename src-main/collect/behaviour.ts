import type { Learner } from '../../src-preload/contract/collect.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { ObservationScale } from './runningMoments.ts'

/** A policy that was trained to make data: what it is at one moment of its training. */
export interface Behaviour {
  readonly environmentId: string
  readonly learner: Learner
  readonly seed: number
  /** Environment steps lived until then. */
  readonly steps: number
  /** Undiscounted returns of its evaluation without noise. */
  readonly returns: readonly number[]
  readonly scale: ObservationScale
  /** `actor/...` of the learner's networks. */
  readonly actor: HostTensors
}
