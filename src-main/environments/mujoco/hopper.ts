import { degreeRange, floor, link, planarCapsule, planarNames, planarRoot, uprightTask } from './planar.ts'
import type { RobotSpec } from './robot.ts'
import type { BodySpec, Contact, JointSpec, Vector } from './spec.ts'
import { capsulesOf, titleOf, variantSummary } from './variants.ts'
import type { Variant } from './variants.ts'

const contact = (sliding: number): Contact => ({
  contype: 1,
  conaffinity: 1,
  condim: 1,
  friction: [sliding, 0.005, 0.0001],
  solref: [0.02, 1],
  solimp: [0.8, 0.8, 0.01],
  margin: 0.0005
})

const joint = (anchor: Vector, low: number, high: number): Omit<JointSpec, 'name' | 'type'> => ({
  axis: [0, -1, 0],
  anchor,
  range: degreeRange(low, high),
  damping: 1,
  armature: 1
})

const bodies: readonly BodySpec[] = [
  {
    name: 'torso',
    parent: null,
    position: [0, 0, 1.25],
    joints: planarRoot([0, 0, -1.25], 1.25),
    geoms: [planarCapsule([0.05, 0.2, 0, 0, 0], contact(0.9))]
  },
  link('thigh', 'torso', [0, 0, -0.2], joint([0, 0, 0], -150, 0), [
    planarCapsule([0.05, 0.225, 0, -0.225, 0], contact(0.9))
  ]),
  link('leg', 'thigh', [0, 0, -0.7], joint([0, 0, 0.25], -150, 0), [
    planarCapsule([0.04, 0.25, 0, 0, 0], contact(0.9))
  ]),
  link('foot', 'leg', [0.13, 0, -0.35], joint([-0.13, 0, 0.1], -45, 45), [
    planarCapsule([0.06, 0.195, -0.065, 0.1, -Math.PI / 2], contact(2))
  ])
]

const joints = ['thigh', 'leg', 'foot']

/** Upright and in sight: z > 0.7, |pitch| < 0.2, all but the place below 100. */
function healthy(state: Float64Array): boolean {
  for (let i = 2; i < 12; i++) if (!(Math.abs(state[i]) < 100)) return false
  return state[1] > 0.7 && Math.abs(state[2]) < 0.2
}

/** Hopper: hop forward on one leg without falling. */
export const hopper = (variant: Variant): RobotSpec => ({
  id: `hopper-${variant}`,
  title: titleOf('Hopper', variant),
  summary: `Hop forward on one leg without falling. ${variantSummary[variant]}`,
  model: {
    name: 'Hopper',
    timestep: 0.002,
    integrator: 'RK4',
    capsuleInertia: capsulesOf(variant),
    world: [floor({ ...contact(1), condim: 3 })],
    bodies,
    actuators: joints.map(name => ({ joint: name, gear: 200, limit: 1 }))
  },
  ...uprightTask(variant),
  ...planarNames(joints),
  start: [0, 1.25, 0, 0, 0, 0],
  healthy
})
