import type { HostTensors } from '../base/tensors.ts'

/** A policy whose evaluation is not done: the step at which it was taken, the active seconds then, and its parameters. */
export interface PendingEvaluation {
  readonly step: number
  readonly seconds: number
  readonly tensors: HostTensors
}

/** Per-row inputs that an algorithm derives from the whole training part, by name; row-major. */
export type DerivedValues = Readonly<Record<string, Float32Array>>

/** Sums of the step metrics since the last log point, so that a resumed run logs the same means. */
export interface WindowState {
  readonly count: number
  readonly sums: readonly number[]
}

/** All that the next step depends on, and nothing else: a run continued from a snapshot equals one that never stopped. */
export interface Snapshot {
  /** Gradient steps done. */
  readonly step: number
  readonly state: HostTensors
  readonly derived: DerivedValues
  readonly heldOutDerived: DerivedValues
  readonly window: WindowState
  /** Seconds spent training and evaluating, summed over resumes. */
  readonly activeSeconds: number
  /** K, the steps of one engine call when the snapshot was taken. */
  readonly callSteps: number
  /** True when an evaluation is due at this step and not done; it is made on resume. */
  readonly evaluationDue: boolean
  /** An evaluation of an earlier step's policy that is not done; it is made before any other on resume. */
  readonly pendingEvaluation: PendingEvaluation | null
}
