import type { RobotSpec } from './robot.ts'
import type { Variant } from './variants.ts'
import { aboutY } from './spec.ts'
import type { BodySpec, Contact, GeomSpec, JointSpec, Vector } from './spec.ts'

/** A capsule in the plane of x and z: radius, half length, centre x and z, and its turn about +y from the z axis. */
export type PlanarCapsule = readonly [radius: number, half: number, x: number, z: number, angle: number]

/** The geom of a planar capsule. */
export const planarCapsule = (
  [radius, half, x, z, angle]: PlanarCapsule,
  contact: Contact,
  density = 1000
): GeomSpec => ({
  type: 'capsule',
  size: [radius, half],
  position: [x, 0, z],
  orientation: aboutY(angle),
  role: 'robot',
  contact,
  density
})

/** Slides along x and z and a turn about y: a torso that moves freely in the plane. */
export function planarRoot(anchor: Vector = [0, 0, 0], height = 0): readonly JointSpec[] {
  return [
    { name: 'root x', type: 'slide', axis: [1, 0, 0], anchor },
    { name: 'root z', type: 'slide', axis: [0, 0, 1], anchor, reference: height },
    { name: 'root pitch', type: 'hinge', axis: [0, 1, 0], anchor: [0, 0, 0] }
  ]
}

/** A body with one hinge. */
export const link = (
  name: string,
  parent: string,
  position: Vector,
  joint: Omit<JointSpec, 'name' | 'type'>,
  geoms: readonly GeomSpec[]
): BodySpec => ({ name, parent, position, joints: [{ name, type: 'hinge', ...joint }], geoms })

/** The ground. */
export const floor = (contact: Contact): GeomSpec => ({
  type: 'plane',
  size: [40, 40, 40],
  position: [0, 0, 0],
  orientation: [1, 0, 0, 0],
  role: 'floor',
  contact
})

/** What a planar robot observes and does, by the names of its hinges. */
export const planarNames = (
  joints: readonly string[]
): Pick<RobotSpec, 'observationNames' | 'actionNames'> => ({
  observationNames: [
    ...['height', 'pitch', ...joints.map(name => `${name} angle`)],
    ...['forward velocity', 'upward velocity', 'pitch velocity', ...joints.map(name => `${name} velocity`)]
  ],
  actionNames: joints.map(name => `${name} torque`)
})

/** What the tasks of Hopper and Walker2d share: to go forward without falling. */
export const uprightTask = (variant: Variant) =>
  ({
    frameSkip: 4,
    maxSteps: 1000,
    camera: { view: 'side', follow: 0, span: 2.4 },
    startNoise: { positions: 0.005, velocities: { kind: 'uniform', scale: 0.005 } },
    hiddenPositions: 1,
    velocityClip: 10,
    tail: { kind: 'none', size: 0 },
    clipsActions: variant === 'v2',
    forward: 'joint',
    alive: 1,
    aliveAtEnd: variant !== 'v5',
    controlCost: 1e-3,
    contactCost: 0
  }) as const satisfies Partial<RobotSpec>

const degrees = Math.PI / 180

/** A range in degrees as radians. */
export const degreeRange = (low: number, high: number): readonly [number, number] => [
  low * degrees,
  high * degrees
]
