import { capsuleBetween, noRotation } from './spec.ts'
import type { Contact, GeomSpec, JointSpec, ModelSpec, Vector } from './spec.ts'

/** Nothing of it collides. */
const none: Contact = { contype: 0, conaffinity: 0, condim: 3, friction: [1, 0.1, 0.1] }
const height = 0.01
const half = 0.3

const corners: readonly Vector[] = [
  [-half, -half, height],
  [half, -half, height],
  [half, half, height],
  [-half, half, height]
]

const hinge = (name: string, range?: readonly [number, number]): JointSpec => ({
  name,
  type: 'hinge',
  axis: [0, 0, 1],
  anchor: [0, 0, 0],
  armature: 1,
  damping: 1,
  ...(range === undefined ? {} : { range })
})

const slide = (name: string, axis: Vector, reference: number): JointSpec => ({
  name,
  type: 'slide',
  axis,
  anchor: [0, 0, 0],
  range: [-0.27, 0.27],
  reference
})

const link: GeomSpec = { ...capsuleBetween(0.01, [0, 0, 0], [0.1, 0, 0]), role: 'robot', contact: none }
const ball = (radius: number, role: 'robot' | 'goal'): GeomSpec => ({
  type: 'sphere',
  size: [radius],
  position: [0, 0, 0],
  orientation: noRotation,
  role,
  contact: none
})

/** Place of the target where both of its slides stand at their references. */
const target = { x: 0.1, y: -0.1 } as const

/** An arm of two links in a plane and a target that it does not touch. */
export const reacherModel: ModelSpec = {
  name: 'reacher',
  timestep: 0.01,
  integrator: 'RK4',
  capsuleInertia: 'exact',
  world: corners.map((corner, i) => ({
    ...capsuleBetween(0.02, corner, corners[(i + 1) % corners.length]),
    role: 'wall',
    contact: none
  })),
  bodies: [
    { name: 'upper arm', parent: null, position: [0, 0, height], joints: [hinge('shoulder')], geoms: [link] },
    {
      name: 'forearm',
      parent: 'upper arm',
      position: [0.1, 0, 0],
      joints: [hinge('elbow', [-3, 3])],
      geoms: [link]
    },
    {
      name: 'fingertip',
      parent: 'forearm',
      position: [0.11, 0, 0],
      joints: [],
      geoms: [ball(0.01, 'robot')]
    },
    {
      name: 'target',
      parent: null,
      position: [target.x, target.y, height],
      joints: [slide('target x', [1, 0, 0], target.x), slide('target y', [0, 1, 0], target.y)],
      geoms: [ball(0.009, 'goal')]
    }
  ],
  actuators: ['shoulder', 'elbow'].map(joint => ({ joint, gear: 200, limit: 1 }))
}
