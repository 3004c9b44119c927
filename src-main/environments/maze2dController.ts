import type { RandomSequence } from '../base/random.ts'
import type { Controller } from './controllers.ts'
import { wallOffset } from './maze2dWalls.ts'
import { shortestWay } from './mazeLayouts.ts'
import type { MazeCell, MazeLayout } from './mazeLayouts.ts'

const positionGain = 10
const velocityGain = 1
/** A waypoint counts as reached within this distance, in metres. */
const reachedWithin = 0.1

interface Waypoint {
  readonly x: number
  readonly y: number
}

/** The cell whose free square, which lies beside its place by `wallOffset`, holds the ball. */
const cellAt = (state: Float64Array): MazeCell => ({
  row: Math.round(state[0] - wallOffset),
  column: Math.round(state[1] - wallOffset)
})

/**
 * The waypoints from where the ball is to a cell.
 * @param jitter waypoints before the last move towards the middle of their corridors by up to this, in metres
 */
function waypointsTo(
  maze: MazeLayout,
  state: Float64Array,
  to: MazeCell,
  jitter: number,
  random: RandomSequence
): Waypoint[] {
  const way = shortestWay(maze, cellAt(state), to)
  return (way.length === 0 ? [to] : way).map(({ row, column }, index) => {
    const spread = index < way.length - 1 ? jitter : 0
    return { x: row - random.uniform(0, spread), y: column - random.uniform(0, spread) }
  })
}

function pushTo(target: Waypoint, state: Float64Array, action: Float32Array): void {
  const clip = (value: number) => Math.min(Math.max(value, -1), 1)
  action[0] = clip(positionGain * (target.x - state[0]) - velocityGain * state[2])
  action[1] = clip(positionGain * (target.y - state[1]) - velocityGain * state[3])
}

/** Walks through cells by shortest ways, proportional-derivative feedback from waypoint to waypoint. */
function followWays(
  maze: MazeLayout,
  jitter: number,
  nextCell: (random: RandomSequence) => MazeCell | null
): Controller {
  let waypoints: Waypoint[] = []
  let next = 0
  return (state, action, random) => {
    const reached = () =>
      Math.hypot(waypoints[next].x - state[0], waypoints[next].y - state[1]) < reachedWithin
    if (waypoints.length > 0 && reached()) next++
    if (next >= waypoints.length) {
      const cell = nextCell(random)
      if (cell !== null) waypoints = waypointsTo(maze, state, cell, jitter, random)
      next = cell === null ? waypoints.length - 1 : 0
    }
    pushTo(waypoints[next], state, action)
  }
}

/** Walks to a goal and stays there. */
export function walkToGoal(maze: MazeLayout, goal: MazeCell): Controller {
  let started = false
  return followWays(maze, 0, () => {
    if (started) return null
    started = true
    return goal
  })
}

/**
 * Wanders between random cells: a new one is drawn at each arrival, as in D4RL's maze2d data.
 * @param jitter metres by which waypoints vary within their corridors
 */
export function wander(maze: MazeLayout, jitter: number): Controller {
  return followWays(maze, jitter, random => maze.freeCells[random.integer(maze.freeCells.length)])
}
