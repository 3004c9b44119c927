/** A model as plain tables; `mjcf.ts` writes it as MJCF and `sceneOf.ts` as what a replay draws. Metres, kilograms, radians. */

export type Vector = readonly [number, number, number]
/** w, x, y, z */
export type Quaternion = readonly [number, number, number, number]

export interface Contact {
  readonly contype: number
  readonly conaffinity: number
  readonly condim: number
  /** Sliding, torsional, rolling. */
  readonly friction: Vector
  readonly solref?: readonly [number, number]
  readonly solimp?: Vector
  /** Of one geom; MuJoCo from 3.5 on adds those of a pair, older versions took the larger one, so it is half of theirs. */
  readonly margin?: number
}

export interface GeomSpec {
  readonly type: 'plane' | 'capsule' | 'sphere' | 'box'
  /** As in MJCF: radius and half length of capsules, radius of spheres, half sizes of boxes. */
  readonly size: readonly number[]
  readonly position: Vector
  readonly orientation: Quaternion
  readonly role: 'floor' | 'wall' | 'robot' | 'goal'
  readonly contact: Contact
  readonly density?: number
}

export interface JointSpec {
  readonly name: string
  readonly type: 'hinge' | 'slide' | 'free'
  readonly axis: Vector
  readonly anchor: Vector
  readonly range?: readonly [number, number]
  readonly damping?: number
  readonly stiffness?: number
  readonly armature?: number
  /** Value of qpos in the pose of the tables. */
  readonly reference?: number
  readonly solreflimit?: readonly [number, number]
  readonly solimplimit?: Vector
}

export interface BodySpec {
  readonly name: string
  /** Name of a body before it; null for a child of the world. */
  readonly parent: string | null
  readonly position: Vector
  readonly joints: readonly JointSpec[]
  readonly geoms: readonly GeomSpec[]
}

export interface ActuatorSpec {
  readonly joint: string
  readonly gear: number
  /** The control is clamped to plus or minus this. */
  readonly limit: number
}

export interface ModelSpec {
  readonly name: string
  /** Seconds of a physics step. */
  readonly timestep: number
  readonly integrator: 'Euler' | 'RK4'
  readonly gravity?: number
  /** Masses are scaled to this sum. */
  readonly totalMass?: number
  /**
   * Before MuJoCo 2.1.2 (gym v2, v3) a capsule weighed as a cylinder of length 2 h + r (h half length, r radius); from then on
   * it weighs as a capsule.
   */
  readonly capsuleInertia: 'exact' | 'cylinder'
  /** Geoms of the world: floor and walls. */
  readonly world: readonly GeomSpec[]
  /** Parents first. */
  readonly bodies: readonly BodySpec[]
  readonly actuators: readonly ActuatorSpec[]
}

export const noRotation: Quaternion = [1, 0, 0, 0]

/** A turn by `angle` about +y. */
export const aboutY = (angle: number): Quaternion => [Math.cos(angle / 2), 0, Math.sin(angle / 2), 0]

/** Numbers of qpos and qvel that a joint has. */
export const jointSizes = ({
  type
}: JointSpec): { readonly positions: number; readonly velocities: number } =>
  type === 'free' ? { positions: 7, velocities: 6 } : { positions: 1, velocities: 1 }

/** Where the seven numbers of each free joint begin in qpos. */
export function freeJointAddresses(spec: ModelSpec): readonly number[] {
  let address = 0
  return spec.bodies
    .flatMap(body => body.joints)
    .flatMap(joint => {
      const at = address
      address += jointSizes(joint).positions
      return joint.type === 'free' ? [at] : []
    })
}

/** Lengths of qpos and qvel of a model. */
export function stateSizes(spec: ModelSpec): { readonly positions: number; readonly velocities: number } {
  const sizes = spec.bodies.flatMap(body => body.joints.map(jointSizes))
  return {
    positions: sizes.reduce((sum, size) => sum + size.positions, 0),
    velocities: sizes.reduce((sum, size) => sum + size.velocities, 0)
  }
}

/**
 * A capsule between two points: its place, half length and orientation, whose z axis points from `from` to `to`.
 * @returns size [radius, half length]
 */
export function capsuleBetween(
  radius: number,
  from: Vector,
  to: Vector
): Pick<GeomSpec, 'type' | 'size' | 'position' | 'orientation'> {
  const [dx, dy, dz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]]
  const length = Math.hypot(dx, dy, dz)
  // The shortest turn of z onto the direction: about z x d by the angle between them.
  const across = Math.hypot(dx, dy)
  const angle = Math.atan2(across, dz)
  const sine = across === 0 ? 0 : Math.sin(angle / 2) / across
  return {
    type: 'capsule',
    size: [radius, length / 2],
    position: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2],
    orientation: [Math.cos(angle / 2), -dy * sine, dx * sine, 0]
  }
}
