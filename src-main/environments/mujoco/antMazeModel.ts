import { mazeLayouts } from '../mazeLayouts.ts'
import type { MazeCell, MazeName } from '../mazeLayouts.ts'
import { ant } from './ant.ts'
import { floor } from './planar.ts'
import { noRotation } from './spec.ts'
import type { Contact, GeomSpec, ModelSpec } from './spec.ts'

export type AntMazeName = Exclude<MazeName, 'open'>

/** Side of a cell, in metres. */
export const cellSize = 4
const wallHeight = 2
/** The cell where the ant starts, at the origin. */
const startCell: MazeCell = { row: 1, column: 1 }

/** @see https://github.com/Farama-Foundation/D4RL/blob/master/d4rl/locomotion/maze_env.py */
export const goalCells: Readonly<Record<AntMazeName, MazeCell>> = {
  umaze: { row: 3, column: 1 },
  medium: { row: 6, column: 6 },
  large: { row: 7, column: 9 }
}

/** Centre of a cell: x runs along columns, y along rows. */
export const placeOf = ({ row, column }: MazeCell): { readonly x: number; readonly y: number } => ({
  x: (column - startCell.column) * cellSize,
  y: (row - startCell.row) * cellSize
})

/** Stiffer contacts than Gym's ant has. */
const contact: Contact = {
  contype: 1,
  conaffinity: 0,
  condim: 3,
  friction: [1, 0.5, 0.5],
  solref: [0.02, 1],
  solimp: [0.8, 0.8, 0.01],
  margin: 0.005
}

function wallAt(cell: MazeCell): GeomSpec {
  const { x, y } = placeOf(cell)
  return {
    type: 'box',
    size: [cellSize / 2, cellSize / 2, wallHeight / 2],
    position: [x, y, wallHeight / 2],
    orientation: noRotation,
    role: 'wall',
    contact: { ...contact, conaffinity: 1 }
  }
}

/** Drawn as a low hill, not felt. */
const goalMark = (x: number, y: number, radius: number): GeomSpec => ({
  type: 'sphere',
  size: [radius],
  position: [x, y, -radius / 2],
  orientation: noRotation,
  role: 'goal',
  contact: { ...contact, contype: 0, conaffinity: 0 }
})

/**
 * D4RL's own ant in a maze: Gym's bodies with twice its timestep, stiffer contacts and weaker motors.
 * @param goal where goals may lie, for its mark
 * @param capsuleInertia `cylinder` as in the MuJoCo of D4RL's data
 */
export function antMazeModel(
  name: AntMazeName,
  goal: { readonly x: number; readonly y: number; readonly radius: number },
  capsuleInertia: ModelSpec['capsuleInertia'] = 'cylinder'
): ModelSpec {
  const { model } = ant('v2')
  return {
    name: `antmaze-${name}`,
    timestep: 0.02,
    integrator: 'RK4',
    capsuleInertia,
    world: [
      floor({ ...contact, conaffinity: 1 }),
      ...mazeLayouts[name].wallCells.map(wallAt),
      goalMark(goal.x, goal.y, goal.radius)
    ],
    bodies: model.bodies.map(body => ({ ...body, geoms: body.geoms.map(geom => ({ ...geom, contact })) })),
    actuators: model.actuators.map(({ joint }) => ({ joint, gear: 1, limit: 30 }))
  }
}
