import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { EpisodeGoal } from '../../src-preload/contract/evaluations.ts'
import type { SceneDescription } from '../../src-preload/contract/scene.ts'
import type { RandomSequence } from '../base/random.ts'

type EnvironmentActions =
  | {
      readonly kind: 'continuous'
      readonly size: number
      readonly low: readonly number[]
      readonly high: readonly number[]
    }
  | { readonly kind: 'discrete'; readonly count: number }

/**
 * A simulator as plain functions over a flat state of `stateSize` float64 numbers, so that a state is copied, stored and
 * compared by value, and many episodes are one array.
 */
export interface Environment {
  readonly id: string
  readonly info: EnvironmentInfo
  readonly observationSize: number
  readonly actions: EnvironmentActions
  readonly stateSize: number
  /** Horizon in steps; reaching it truncates, never terminates. */
  readonly maxSteps: number
  /** Draws an initial state into `state`. */
  reset(state: Float64Array, random: RandomSequence): void
  /** Writes the observation of `state`, [observationSize]. */
  observe(state: Float64Array, observation: Float32Array): void
  /**
   * Advances `state` in place.
   * @param action the action as the environment takes it ([size], or one integer); continuous actions are clipped inside
   *   where the original clips
   * @param random drawn from only by stochastic environments
   */
  step(state: Float64Array, action: Float32Array, random: RandomSequence): StepOutcome
  /**
   * Loads what simulation needs (a module, a model); resolves at once when it is there. Call before `reset`, `observe`
   * and `step` of an environment that has it.
   * @throws UserError('unsupported') when it cannot be loaded here
   */
  prepare?(): Promise<void>
  /** A simulated robot: how to draw it, and how its state comes from what datasets record. */
  readonly robot?: RobotParts
  /** Where the episode of a state is to arrive, for environments that draw a goal for each and do not show it. */
  goalOf?(state: Float64Array): EpisodeGoal
  /** The outcome word of a finished episode (`goal`, `dead end`, `fell`, `time`), from its last state. */
  outcome(state: Float64Array, terminated: boolean): string
}

/** A robot's `state` begins with `qpos` [positionSize] and `qvel` [velocitySize]. */
export interface RobotParts {
  readonly positionSize: number
  readonly velocitySize: number
  readonly scene: SceneDescription
  /** Writes a whole state from joint positions and velocities, as a simulator set to them would have it. */
  setState(qpos: ArrayLike<number>, qvel: ArrayLike<number>, state: Float64Array): void
  /**
   * Writes the state that an observation shows; what it leaves out (the way already gone) is zero.
   * @returns false when the observation does not determine it (a clipped velocity)
   */
  setStateFromObservation(observation: ArrayLike<number>, state: Float64Array): boolean
}

interface StepOutcome {
  readonly reward: number
  readonly terminated: boolean
}

/** Width of one action in an array of actions: the size of continuous ones, 1 for discrete ones. */
export const actionWidth = ({ actions }: Environment): number =>
  actions.kind === 'continuous' ? actions.size : 1
