import { isWallAt } from './mazeLayouts.ts'
import type { MazeLayout } from './mazeLayouts.ts'

/** Radius of the ball, in metres. */
export const ballRadius = 0.1
/** The centre of a cell's box lies this far from the cell's place, on both axes: the ball's body starts at 1.2, the boxes at 1. */
export const wallOffset = -0.2
const halfBox = 0.5

interface Touch {
  /** Distance from the ball's centre to the nearest point of the box. */
  readonly distance: number
  readonly normalX: number
  readonly normalY: number
}

/** How the ball at (x, y) touches the box of a cell; null when it does not, or when its centre is inside. */
function touch(x: number, y: number, row: number, column: number): Touch | null {
  const left = x - (row + wallOffset)
  const below = y - (column + wallOffset)
  const gapX = left - Math.min(Math.max(left, -halfBox), halfBox)
  const gapY = below - Math.min(Math.max(below, -halfBox), halfBox)
  const distance = Math.hypot(gapX, gapY)
  if (distance === 0 || distance >= ballRadius) return null
  return { distance, normalX: gapX / distance, normalY: gapY / distance }
}

function nearestTouch(maze: MazeLayout, x: number, y: number): Touch | null {
  const centreRow = Math.round(x - wallOffset)
  const centreColumn = Math.round(y - wallOffset)
  let nearest: Touch | null = null
  for (let row = centreRow - 1; row <= centreRow + 1; row++) {
    for (let column = centreColumn - 1; column <= centreColumn + 1; column++) {
      if (!isWallAt(maze, row, column)) continue
      const found = touch(x, y, row, column)
      if (found !== null && found.distance < (nearest?.distance ?? Infinity)) nearest = found
    }
  }
  return nearest
}

/** A ball in a corner touches two walls; more only by rounding. */
const mostTouches = 4

/**
 * Moves the ball out of the walls and takes away its velocity into them. A simplification of the soft contacts that MuJoCo
 * computes: the ball neither sinks in nor slides differently.
 * @param state x, y, vx, vy; changed in place
 */
export function leaveWalls(maze: MazeLayout, state: Float64Array): void {
  for (let i = 0; i < mostTouches; i++) {
    // the nearest box first: beside a flat wall the corners of its other boxes no longer touch after that
    const found = nearestTouch(maze, state[0], state[1])
    if (found === null) return
    const { distance, normalX, normalY } = found
    state[0] += (ballRadius - distance) * normalX
    state[1] += (ballRadius - distance) * normalY
    const into = Math.min(state[2] * normalX + state[3] * normalY, 0)
    state[2] -= into * normalX
    state[3] -= into * normalY
  }
}
