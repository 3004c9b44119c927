import type { SharedConfig } from '../algorithms/config.ts'
import { actionWidth, type Environment } from '../environments/environment.ts'

/** When a run evaluates: every so many steps, 0 for never before the end, and at the end. */
export interface RolloutSchedule {
  readonly evalEvery: number
  readonly gradientSteps: number
}

/** A run keeps the rollouts of at most so many evaluations, however often it evaluates, so that its disk space is bounded. */
const mostKeptEvaluations = 50

const evaluationsOf = ({ evalEvery, gradientSteps }: RolloutSchedule): number =>
  evalEvery > 0 ? Math.ceil(gradientSteps / evalEvery) : 1

const strideOf = (schedule: RolloutSchedule): number =>
  Math.ceil(evaluationsOf(schedule) / mostKeptEvaluations)

/**
 * Whether the evaluation of a step keeps its rollouts: the last one does, and before it every n-th, n being the smallest number
 * that keeps at most 50. It follows from the settings alone, so nothing that was kept is ever deleted again.
 */
export function keepsRollouts(schedule: RolloutSchedule, step: number): boolean {
  const { evalEvery, gradientSteps } = schedule
  const count = evaluationsOf(schedule)
  const number = step >= gradientSteps ? count : Math.round(step / evalEvery)
  return (count - number) % strideOf(schedule) === 0
}

/** Bytes of a file besides its numbers: the header and half a block of the disk. */
const fileBytes = 3_000

/**
 * Largest size of one kept rollout in bytes: an episode that reaches the horizon, with all values.
 * See docs/formats/rollout.md for what a step holds.
 */
export function rolloutBytes(environment: Environment): number {
  const { observationSize, robot, maxSteps } = environment
  const actions = 4 * actionWidth(environment)
  const rewardAndValues = 8 + 2 * 4
  const state = robot
    ? 4 * robot.positionSize +
      2 * robot.velocitySize +
      2 * Math.max(0, observationSize - robot.positionSize - robot.velocitySize)
    : 4 * observationSize
  return fileBytes + maxSteps * (state + actions + rewardAndValues)
}

/** Largest size in bytes of all rollouts that a run keeps; 0 without an environment. */
export function keptRolloutBytes(
  { evalEvery, gradientSteps, evalEpisodes, keepRollouts }: SharedConfig,
  environment: Environment | undefined
): number {
  if (!environment) return 0
  const schedule = { evalEvery, gradientSteps }
  const evaluations = Math.floor((evaluationsOf(schedule) - 1) / strideOf(schedule)) + 1
  return evaluations * Math.min(keepRollouts, evalEpisodes) * rolloutBytes(environment)
}
