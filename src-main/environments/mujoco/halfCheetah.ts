import { floor, link, planarCapsule, planarNames, planarRoot } from './planar.ts'
import type { PlanarCapsule } from './planar.ts'
import type { RobotSpec } from './robot.ts'
import type { BodySpec, Contact, Vector } from './spec.ts'
import { capsulesOf, titleOf, variantSummary } from './variants.ts'
import type { Variant } from './variants.ts'

const contact: Contact = {
  contype: 1,
  conaffinity: 0,
  condim: 3,
  friction: [0.4, 0.1, 0.1],
  solref: [0.02, 1],
  solimp: [0, 0.8, 0.01]
}

interface Limb {
  readonly name: string
  readonly parent: string
  readonly position: Vector
  readonly range: readonly [number, number]
  readonly damping: number
  readonly stiffness: number
  readonly gear: number
  readonly capsule: PlanarCapsule
}

const limb = (
  name: string,
  parent: string,
  position: Vector,
  range: readonly [number, number],
  [damping, stiffness, gear]: readonly [number, number, number],
  capsule: PlanarCapsule
): Limb => ({ name, parent, position, range, damping, stiffness, gear, capsule })

const limbs: readonly Limb[] = [
  limb('back thigh', 'torso', [-0.5, 0, 0], [-0.52, 1.05], [6, 240, 120], [0.046, 0.145, 0.1, -0.13, -3.8]),
  limb(
    'back shin',
    'back thigh',
    [0.16, 0, -0.25],
    [-0.785, 0.785],
    [4.5, 180, 90],
    [0.046, 0.15, -0.14, -0.07, -2.03]
  ),
  limb(
    'back foot',
    'back shin',
    [-0.28, 0, -0.14],
    [-0.4, 0.785],
    [3, 120, 60],
    [0.046, 0.094, 0.03, -0.097, -0.27]
  ),
  limb('front thigh', 'torso', [0.5, 0, 0], [-1, 0.7], [4.5, 180, 120], [0.046, 0.133, -0.07, -0.12, 0.52]),
  limb(
    'front shin',
    'front thigh',
    [-0.14, 0, -0.24],
    [-1.2, 0.87],
    [3, 120, 60],
    [0.046, 0.106, 0.065, -0.09, -0.6]
  ),
  limb(
    'front foot',
    'front shin',
    [0.13, 0, -0.18],
    [-0.5, 0.5],
    [1.5, 60, 30],
    [0.046, 0.07, 0.045, -0.07, -0.6]
  )
]

const torso: BodySpec = {
  name: 'torso',
  parent: null,
  position: [0, 0, 0.7],
  joints: planarRoot(),
  geoms: [
    planarCapsule([0.046, 0.5, 0, 0, Math.PI / 2], contact),
    planarCapsule([0.046, 0.15, 0.6, 0.1, 0.87], contact)
  ]
}

const bodies: readonly BodySpec[] = [
  torso,
  ...limbs.map(({ name, parent, position, range, damping, stiffness, capsule }) =>
    link(
      name,
      parent,
      position,
      {
        axis: [0, 1, 0],
        anchor: [0, 0, 0],
        ...{ range, damping, stiffness },
        armature: 0.1,
        solreflimit: [0.02, 1],
        solimplimit: [0, 0.8, 0.03]
      },
      [planarCapsule(capsule, contact)]
    )
  )
]

const joints = limbs.map(({ name }) => name)

/** HalfCheetah: run forward with two legs in a plane; it cannot fall. */
export const halfCheetah = (variant: Variant): RobotSpec => ({
  id: `halfcheetah-${variant}`,
  title: titleOf('HalfCheetah', variant),
  summary: `Run forward on two legs, as fast as possible; falling does not end an episode. ${variantSummary[variant]}`,
  model: {
    name: 'HalfCheetah',
    timestep: 0.01,
    integrator: 'Euler',
    totalMass: 14,
    capsuleInertia: capsulesOf(variant),
    world: [floor({ ...contact, conaffinity: 1 })],
    bodies,
    actuators: limbs.map(({ name, gear }) => ({ joint: name, gear, limit: 1 }))
  },
  frameSkip: 5,
  maxSteps: 1000,
  camera: { view: 'side', follow: 0, span: 2.2 },
  ...planarNames(joints),
  start: new Array<number>(9).fill(0),
  startNoise: { positions: 0.1, velocities: { kind: 'normal', scale: 0.1 } },
  hiddenPositions: 1,
  velocityClip: Infinity,
  tail: { kind: 'none', size: 0 },
  clipsActions: variant === 'v2',
  forward: 'joint',
  alive: 0,
  aliveAtEnd: true,
  controlCost: 0.1,
  contactCost: 0,
  healthy: () => true
})
