import { degreeRange, floor } from './planar.ts'
import type { RobotSpec } from './robot.ts'
import { capsuleBetween, noRotation } from './spec.ts'
import type { BodySpec, Contact, GeomSpec, Vector } from './spec.ts'
import { capsulesOf, titleOf, variantSummary } from './variants.ts'
import type { Variant } from './variants.ts'

const contact: Contact = {
  contype: 1,
  conaffinity: 0,
  condim: 3,
  friction: [1, 0.5, 0.5],
  margin: 0.005
}

interface Leg {
  readonly number: number
  /** Signs of x and y of the leg's diagonal. */
  readonly diagonal: readonly [number, number]
  readonly ankleAxis: Vector
  readonly ankleRange: readonly [number, number]
}

const legs: readonly Leg[] = [
  { number: 1, diagonal: [1, 1], ankleAxis: [-1, 1, 0], ankleRange: degreeRange(30, 70) },
  { number: 2, diagonal: [-1, 1], ankleAxis: [1, 1, 0], ankleRange: degreeRange(-70, -30) },
  { number: 3, diagonal: [-1, -1], ankleAxis: [-1, 1, 0], ankleRange: degreeRange(-70, -30) },
  { number: 4, diagonal: [1, -1], ankleAxis: [1, 1, 0], ankleRange: degreeRange(30, 70) }
]

const along = ([x, y]: readonly [number, number], length: number): Vector => [x * length, y * length, 0]

const bone = (diagonal: readonly [number, number], length: number): GeomSpec => ({
  ...capsuleBetween(0.08, [0, 0, 0], along(diagonal, length)),
  ...{ role: 'robot', contact, density: 5 }
})

const dynamics = { anchor: [0, 0, 0], damping: 1, armature: 1 } as const

const legBodies = ({ number, diagonal, ankleAxis, ankleRange }: Leg): readonly BodySpec[] => {
  const hip = `hip ${number}`
  const ankle = `ankle ${number}`
  const range = degreeRange(-30, 30)
  return [
    {
      name: `leg ${number}`,
      parent: 'torso',
      position: [0, 0, 0],
      joints: [],
      geoms: [bone(diagonal, 0.2)]
    },
    {
      name: hip,
      parent: `leg ${number}`,
      position: along(diagonal, 0.2),
      joints: [{ name: hip, type: 'hinge', axis: [0, 0, 1], range, ...dynamics }],
      geoms: [bone(diagonal, 0.2)]
    },
    {
      name: ankle,
      parent: hip,
      position: along(diagonal, 0.2),
      joints: [{ name: ankle, type: 'hinge', axis: ankleAxis, range: ankleRange, ...dynamics }],
      geoms: [bone(diagonal, 0.4)]
    }
  ]
}

const torso: BodySpec = {
  name: 'torso',
  parent: null,
  position: [0, 0, 0.75],
  joints: [{ name: 'root', type: 'free', axis: [0, 0, 1], anchor: [0, 0, 0] }],
  geoms: [
    {
      ...{ type: 'sphere', size: [0.25], position: [0, 0, 0], orientation: noRotation },
      ...{ role: 'robot', contact, density: 5 }
    }
  ]
}

const jointNames = legs.flatMap(({ number }) => [`hip ${number}`, `ankle ${number}`])
/** The motors are numbered from the fourth leg on. */
const motorNames = [4, 1, 2, 3].flatMap(number => [`hip ${number}`, `ankle ${number}`])

const bodyNames = [
  'torso',
  ...legs.flatMap(({ number }) => [`leg ${number}`, `hip ${number}`, `ankle ${number}`])
]
const wrench = ['torque x', 'torque y', 'torque z', 'force x', 'force y', 'force z']

const contactNames = (bodies: readonly string[]): readonly string[] =>
  bodies.flatMap(body => wrench.map(part => `${body} contact ${part}`))

const stateNames: readonly string[] = [
  ...['height', 'quaternion w', 'quaternion x', 'quaternion y', 'quaternion z'],
  ...jointNames.map(name => `${name} angle`),
  ...['velocity x', 'velocity y', 'velocity z', 'turn rate x', 'turn rate y', 'turn rate z'],
  ...jointNames.map(name => `${name} velocity`)
]

/** gym v2 observes the contact forces of 14 bodies, which were zero in the MuJoCo of D4RL's data; v5 those of all but the world. */
const tails: Readonly<Record<Variant, RobotSpec['tail'] & { readonly names: readonly string[] }>> = {
  v2: { kind: 'zeros', size: 84, names: contactNames(['world', ...bodyNames]) },
  v4: { kind: 'none', size: 0, names: [] },
  v5: {
    kind: 'contacts',
    size: 78,
    names: contactNames(bodyNames)
  }
}

/** Everything finite and the torso between 0.2 and 1 metre high. */
function healthy(state: Float64Array): boolean {
  for (let i = 0; i < 29; i++) if (!Number.isFinite(state[i])) return false
  return state[2] >= 0.2 && state[2] <= 1
}

/** Ant: walk in the direction of x on four legs. */
export const ant = (variant: Variant): RobotSpec => ({
  id: `ant-${variant}`,
  title: titleOf('Ant', variant),
  summary: `Walk in the direction of x on four legs. ${variantSummary[variant]}`,
  model: {
    name: 'Ant',
    timestep: 0.01,
    integrator: 'RK4',
    capsuleInertia: capsulesOf(variant),
    world: [floor({ ...contact, conaffinity: 1 })],
    bodies: [torso, ...legs.flatMap(legBodies)],
    actuators: motorNames.map(joint => ({ joint, gear: 150, limit: 1 }))
  },
  frameSkip: 5,
  maxSteps: 1000,
  camera: { view: 'free', follow: 0, span: 3 },
  observationNames: [...stateNames, ...tails[variant].names],
  actionNames: motorNames.map(name => `${name} torque`),
  start: [0, 0, 0.75, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  startNoise: { positions: 0.1, velocities: { kind: 'normal', scale: 0.1 } },
  hiddenPositions: 2,
  velocityClip: Infinity,
  tail: tails[variant],
  clipsActions: variant === 'v2',
  forward: 'torso',
  alive: 1,
  aliveAtEnd: variant !== 'v5',
  controlCost: 0.5,
  contactCost: variant === 'v5' ? 5e-4 : 0,
  healthy
})
