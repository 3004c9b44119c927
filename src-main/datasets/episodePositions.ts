/** Where a robot's joints were in an episode: as recorded, or as its observations show. */
import type { Environment, RobotParts } from '../environments/environment.ts'

/** Positions of a simulated robot over an episode. */
export interface EpisodePositions {
  /** `qpos`, [T + 1, size] */
  readonly positions: Float32Array
  readonly size: number
  readonly from: 'recorded' | 'observations'
}

/**
 * Positions as recorded; a last row that the source does not hold is taken from the observation, or repeats the one before.
 * @param recorded [T + 1, size]
 * @param seen of {@link positionsSeen}, null where observations do not tell
 */
export function positionsRecorded(
  recorded: ArrayLike<number>,
  size: number,
  seen: EpisodePositions | null
): EpisodePositions {
  const positions = Float32Array.from(recorded)
  const last = positions.length - size
  if (last >= size && positions.subarray(last).some(Number.isNaN)) {
    positions.copyWithin(last, last - size, last)
    if (seen?.size === size) {
      // What observations leave out goes on as it did in them.
      for (let i = 0; i < size; i++)
        positions[last + i] += seen.positions[last + i] - seen.positions[last - size + i]
    }
  }
  return { positions, size, from: 'recorded' }
}

/**
 * Positions from observations; the way gone, which they leave out, is summed from its velocity.
 * @param observations [T + 1, observationSize]; rows that are not finite repeat the one before
 * @returns null where observations do not show the robot
 */
export function positionsSeen(
  { robot, stateSize }: Pick<Environment, 'robot' | 'stateSize'>,
  observations: Float32Array,
  observationSize: number
): EpisodePositions | null {
  if (robot === undefined) return null
  const { positionSize: size, velocitySize } = robot
  const state = new Float64Array(stateSize)
  const hidden = hiddenPositions(robot, observationSize, state)
  if (hidden === null) return null
  const rows = observations.length / observationSize
  const positions = new Float32Array(rows * size)
  const way = new Float64Array(size)
  let before: Float64Array | null = null
  for (let row = 0; row < rows; row++) {
    const seen = observations.subarray(row * observationSize, (row + 1) * observationSize)
    if (seen.every(Number.isFinite)) robot.setStateFromObservation(seen, state)
    const velocity = state.slice(size, size + velocitySize)
    for (const i of hidden) {
      const mean = before === null ? 0 : (before[i] + velocity[i]) / 2
      way[i] += mean * robot.scene.stepSeconds
    }
    for (let i = 0; i < size; i++) positions[row * size + i] = state[i] + way[i]
    before = velocity
  }
  return { positions, size, from: 'observations' }
}

/** The joints that no observation shows, found by setting one in which every number differs from 0; null where it shows none. */
function hiddenPositions(
  robot: RobotParts,
  observationSize: number,
  state: Float64Array
): readonly number[] | null {
  const probe = Float64Array.from({ length: observationSize }, (_, i) => 0.5 + i / (4 * observationSize))
  if (!robot.setStateFromObservation(probe, state)) return null
  return Array.from({ length: robot.positionSize }, (_, i) => i).filter(i => state[i] === 0)
}
