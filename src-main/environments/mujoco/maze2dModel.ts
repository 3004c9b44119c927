import { goalRadius, maze2dTasks } from '../maze2d.ts'
import { ballRadius } from '../maze2dWalls.ts'
import { mazeLayouts } from '../mazeLayouts.ts'
import type { MazeName } from '../mazeLayouts.ts'
import { noRotation } from './spec.ts'
import type { Contact, GeomSpec, ModelSpec } from './spec.ts'

/** All contacts are without friction. */
const contact: Contact = { contype: 1, conaffinity: 1, condim: 1, friction: [0.5, 0.1, 0.1], margin: 0.001 }

const wallAt = (row: number, column: number): GeomSpec => ({
  type: 'box',
  size: [0.5, 0.5, 0.2],
  position: [row + 1, column + 1, 0],
  orientation: noRotation,
  role: 'wall',
  contact: { ...contact, contype: 2 }
})

/** The ball's body starts 0.2 beside the centre of its cell's box, so places of cells and walls differ by as much. */
const start = 1.2

/** Drawn below the ball, not felt. */
function goalMark(name: MazeName): GeomSpec {
  const { row, column } = maze2dTasks[name].goal
  return {
    type: 'sphere',
    size: [goalRadius],
    position: [row + start, column + start, -goalRadius - ballRadius],
    orientation: noRotation,
    role: 'goal',
    contact: { ...contact, contype: 0, conaffinity: 0 }
  }
}

/** D4RL's point mass among walls: two slides without gravity. The floor carries nothing and is left out. */
export function maze2dModel(name: MazeName): ModelSpec {
  const axes = { x: [1, 0, 0], y: [0, 1, 0] } as const
  return {
    name: `maze2d-${name}`,
    timestep: 0.01,
    integrator: 'Euler',
    gravity: 0,
    capsuleInertia: 'exact',
    world: [...mazeLayouts[name].wallCells.map(({ row, column }) => wallAt(row, column)), goalMark(name)],
    bodies: [
      {
        name: 'ball',
        parent: null,
        position: [start, start, 0],
        joints: (['x', 'y'] as const).map(axis => ({
          name: axis,
          type: 'slide',
          axis: axes[axis],
          anchor: [0, 0, 0],
          damping: 1
        })),
        geoms: [
          {
            type: 'sphere',
            size: [ballRadius],
            position: [0, 0, 0],
            orientation: noRotation,
            role: 'robot',
            contact,
            density: 1000
          }
        ]
      }
    ],
    actuators: ['x', 'y'].map(joint => ({ joint, gear: 100, limit: 1 }))
  }
}
