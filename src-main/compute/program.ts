import type { Metrics, NoiseSpecs, Tensors } from '../algorithms/algorithm.ts'
import type { TensorSpecs } from '../base/tensors.ts'

/** What is compiled for training: a pure step over named tensors with fixed shapes. */
export interface Program {
  readonly id: string
  /** Carried from step to step. */
  readonly state: TensorSpecs
  /** Resident columns [N, width]; the step sees gathered rows, always of rank 2: [batchSize, width], also for width 1. */
  readonly columns: Readonly<Record<string, { readonly width: number }>>
  readonly batchSize: number
  /** Random inputs of one step, float32. */
  readonly noise: NoiseSpecs
  /** Names and order of the scalar outputs. */
  readonly metrics: readonly string[]
  /**
   * Number of runs that a stacked program trains at once: its state, noise and metrics have them as leading axis, a metric is [lanes].
   * Absent for a plain program, whose metrics are scalars.
   */
  readonly lanes?: number
  step(state: Tensors, batch: Tensors, noise: Tensors): { state: Tensors; metrics: Metrics }
}

/** What is compiled for acting, value queries, diagnosis and derived columns: outputs from parameters and inputs. */
export interface PureFunction {
  readonly id: string
  readonly params: TensorSpecs
  readonly inputs: TensorSpecs
  /** Names of the outputs. */
  readonly outputs: readonly string[]
  fn(params: Tensors, inputs: Tensors): Tensors
}
