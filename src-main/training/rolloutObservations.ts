import { invariant } from '../base/errors.ts'
import type { Environment } from '../environments/environment.ts'

/** A robot's joints at each step, as a rollout keeps them. */
export interface Joints {
  /** `qpos` [rows, nq] */
  readonly positions: Float32Array
  /** `qvel` [rows, nv] */
  readonly velocities: Float16Array
}

/** The observations of a robot that follow from its joints, [rows, observation size]. */
export function observationsOf(
  environment: Environment,
  { positions, velocities }: Joints,
  rows: number
): Float32Array {
  const { robot, observationSize } = environment
  invariant(robot, `${environment.id} is no robot`)
  const { positionSize, velocitySize } = robot
  const state = new Float64Array(environment.stateSize)
  const observations = new Float32Array(rows * observationSize)
  for (let row = 0; row < rows; row++) {
    const qpos = positions.subarray(row * positionSize, (row + 1) * positionSize)
    const qvel = velocities.subarray(row * velocitySize, (row + 1) * velocitySize)
    robot.setState(qpos, qvel, state)
    environment.observe(state, observations.subarray(row * observationSize, (row + 1) * observationSize))
  }
  return observations
}
