import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import type { z } from 'zod'
import type { Requirement } from '../../src-preload/contract/algorithms.ts'
import type { HostTensors, TensorSpecs } from '../base/tensors.ts'
import type { SharedConfig } from './config.ts'

/** Named tfjs tensors while a step is recorded or run. */
export type Tensors = Readonly<Record<string, Tensor>>
export type Metrics = Readonly<Record<string, Scalar>>

/** What the networks see: sizes after flattening and normalisation. */
export interface Problem {
  readonly observationSize: number
  readonly action:
    | { readonly kind: 'continuous'; readonly size: number }
    | { readonly kind: 'discrete'; readonly count: number }
  /** True when stored actions may leave [-1, 1] on purpose; the policy mean is then not squashed. */
  readonly unboundedActions: boolean
}

/**
 * Random inputs of one step, drawn outside the graph from (seed, stream = name, step, element).
 * `uniform` is in [0, 1).
 */
export type NoiseSpecs = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly distribution: 'normal' | 'uniform' }>
>

/**
 * The training part of a dataset as the algorithms see it: normalised, scaled, mapped to [-1, 1], held-out episodes left out.
 * Rows are transitions in episode order; row r of episode e is `episodes[e].firstRow + t`.
 */
export interface TrainingView {
  readonly rowCount: number
  /**
   * Columns by name, row-major, `rowCount` rows each:
   * `observations` [N, O], `actions` [N, A] or one-hot [N, count], `rewards` [N], `nextObservations` [N, O],
   * `nonTerminal` [N] (0 where the episode terminated at this row), `nextActions` [N, A or count],
   * `hasNextAction` [N], `hasNextObservation` [N].
   */
  readonly columns: Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>
  readonly episodes: readonly TrainingEpisode[]
}

export interface TrainingEpisode {
  readonly firstRow: number
  readonly length: number
  readonly endReason: 'terminated' | 'truncated' | 'cut' | 'unknown'
  /** Undiscounted return in raw reward units. */
  readonly rawReturn: number
}

/** Runs a pure function of parameters and per-row inputs over many rows, compiled, in chunks of any size. */
export type EvaluateRows = (
  name: string,
  fn: (params: Tensors, rows: Tensors) => Tensors,
  rows: Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>
) => Promise<Readonly<Record<string, Float32Array>>>

/** Extra per-row inputs computed over the whole training part, at the start and every `refreshEvery` steps. */
export interface DerivedColumns {
  /** Name and width of each column. */
  readonly widths: Readonly<Record<string, number>>
  /** In gradient steps; null when they never change. */
  readonly refreshEvery: number | null
  compute(view: TrainingView, evaluate: EvaluateRows): Promise<Readonly<Record<string, Float32Array>>>
}

/**
 * An algorithm: short pure functions named after the equations, in one file, with its configuration.
 * The step returns state and metrics; it does not log, draw numbers, read a clock or know a run.
 */
export interface Algorithm<C extends SharedConfig = SharedConfig> {
  readonly id: string
  readonly title: string
  /** The field's acronym, for runs and legends. */
  readonly shortTitle: string
  readonly summary: string
  /** Paper and code the semantics come from. */
  readonly source: string
  readonly actions: readonly ('continuous' | 'discrete')[]
  readonly schema: z.ZodType<C>
  readonly presets: readonly {
    readonly id: string
    readonly title: string
    readonly domain: string
    readonly config: Partial<C>
  }[]

  /** What the data must hold for this configuration. */
  needs(config: C): readonly Requirement[]
  /** Names of the view's columns (or derived columns) that a batch gathers. */
  batchColumns(config: C, problem: Problem): readonly string[]
  noise(config: C, problem: Problem): NoiseSpecs
  /** Initial state: parameters, optimiser moments, targets and `step`; float32. */
  init(config: C, problem: Problem, seed: number): HostTensors
  /**
   * One gradient step in the paper's order. Batch columns are [B, width] (`rewards` too); noise has the shapes of `noise`.
   * Every state tensor comes back, changed or not.
   */
  update(
    config: C,
    problem: Problem
  ): (state: Tensors, batch: Tensors, noise: Tensors) => { state: Tensors; metrics: Metrics }
  /** Metric names of `update`, in a fixed order. */
  metrics(config: C, problem: Problem): readonly string[]
  /** The parameters that acting and value queries need: names in the state. */
  policyParameters(config: C, problem: Problem, state: TensorSpecs): readonly string[]
  /** Deterministic action: `actions` [B, A] in [-1, 1], or `logits` [B, count]. */
  act(config: C, problem: Problem): (params: Tensors, inputs: Tensors) => Tensors
  /** `q` and/or `v` of given observations and actions, [B] each, in scaled reward units; absent for methods without values. */
  values?(config: C, problem: Problem): (params: Tensors, inputs: Tensors) => Tensors
  /**
   * What a practitioner judges by, on a batch that is not trained on in this call (training rows and held-out rows alike):
   * scalars such as `logLikelihood`, `actionDistance`, `entropy`, `qData`, `qPolicy`, `qGap`. Input: state, batch.
   */
  diagnose(
    config: C,
    problem: Problem
  ): { names: readonly string[]; fn: (state: Tensors, batch: Tensors) => Metrics }
  /** Rows of the view to train on; all when absent. */
  select?(config: C, view: TrainingView): Int32Array
  derived?(config: C, problem: Problem): DerivedColumns | null
}
