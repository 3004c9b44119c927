import type { RandomSequence } from '../../base/random.ts'
import type { Controller } from '../controllers.ts'
import { actionWidth } from '../environment.ts'
import type { Environment } from '../environment.ts'

/** One simulated episode: T + 1 observations, T actions and rewards. */
export interface RecordedEpisode {
  readonly length: number
  /** [T + 1, observation size] */
  readonly observations: Float32Array
  /** [T, action size]; discrete actions as whole numbers, [T, 1] */
  readonly actions: Float32Array
  /** [T] */
  readonly rewards: Float64Array
  readonly endReason: 'terminated' | 'truncated'
  /** Name of the behaviour that acted, e.g. `S to C to X`. */
  readonly source: string
  /** The environment's outcome word. */
  readonly outcome: string
  /** Undiscounted sum of the rewards. */
  readonly return: number
}

/** What a recipe makes, before it becomes a dataset. */
interface RecordedData {
  readonly environmentId: string
  readonly episodes: readonly RecordedEpisode[]
  /** How it was made, as text for people. */
  readonly provenance: Readonly<Record<string, string>>
}

/** A generator of demonstrations that ships with the program; equal seeds give equal data. */
export interface DataRecipe {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly environmentId: string
  /** @param seed non-negative integer */
  generate(seed: number): RecordedData
}

/**
 * Simulates one episode with a controller.
 * @param random drawn by start, controller and dynamics in this order
 * @param start writes the initial state; the environment's own reset when absent
 */
export function recordEpisode(
  environment: Environment,
  controller: Controller,
  random: RandomSequence,
  source: string,
  start: (state: Float64Array, random: RandomSequence) => void = (state, sequence) =>
    environment.reset(state, sequence)
): RecordedEpisode {
  const { observationSize: width, maxSteps } = environment
  const actionSize = actionWidth(environment)
  const observations = new Float32Array((maxSteps + 1) * width)
  const actions = new Float32Array(maxSteps * actionSize)
  const rewards = new Float64Array(maxSteps)
  const state = new Float64Array(environment.stateSize)
  start(state, random)
  environment.observe(state, observations.subarray(0, width))
  let length = 0
  let terminated = false
  while (length < maxSteps && !terminated) {
    const action = actions.subarray(length * actionSize, (length + 1) * actionSize)
    controller(state, action, random, length)
    const outcome = environment.step(state, action, random)
    rewards[length] = outcome.reward
    terminated = outcome.terminated
    length++
    environment.observe(state, observations.subarray(length * width, (length + 1) * width))
  }
  return {
    length,
    observations: observations.slice(0, (length + 1) * width),
    actions: actions.slice(0, length * actionSize),
    rewards: rewards.slice(0, length),
    endReason: terminated ? 'terminated' : 'truncated',
    source,
    outcome: environment.outcome(state, terminated),
    return: rewards.subarray(0, length).reduce((sum, reward) => sum + reward, 0)
  }
}
