import { degreeRange, floor, link, planarCapsule, planarNames, planarRoot, uprightTask } from './planar.ts'
import type { RobotSpec } from './robot.ts'
import type { BodySpec, Contact, JointSpec, Vector } from './spec.ts'
import { capsulesOf, titleOf, variantSummary } from './variants.ts'
import type { Variant } from './variants.ts'

const contact = (sliding: number): Contact => ({
  contype: 1,
  conaffinity: 0,
  condim: 3,
  friction: [sliding, 0.1, 0.1]
})

const joint = (anchor: Vector, low: number, high: number): Omit<JointSpec, 'name' | 'type'> => ({
  axis: [0, -1, 0],
  anchor,
  range: degreeRange(low, high),
  damping: 0.1,
  armature: 0.01
})

/** Both legs hang at the torso's centre line. */
const leg = (side: '' | 'left ', footFriction: number): readonly BodySpec[] => [
  link(`${side}thigh`, 'torso', [0, 0, -0.2], joint([0, 0, 0], -150, 0), [
    planarCapsule([0.05, 0.225, 0, -0.225, 0], contact(0.9))
  ]),
  link(`${side}leg`, `${side}thigh`, [0, 0, -0.7], joint([0, 0, 0.25], -150, 0), [
    planarCapsule([0.04, 0.25, 0, 0, 0], contact(0.9))
  ]),
  link(`${side}foot`, `${side}leg`, [0.2, 0, -0.35], joint([-0.2, 0, 0.1], -45, 45), [
    planarCapsule([0.06, 0.1, -0.1, 0.1, -Math.PI / 2], contact(footFriction))
  ])
]

const bodies = (variant: Variant): readonly BodySpec[] => [
  {
    name: 'torso',
    parent: null,
    position: [0, 0, 1.25],
    joints: planarRoot([0, 0, -1.25], 1.25),
    geoms: [planarCapsule([0.05, 0.2, 0, 0, 0], contact(0.9))]
  },
  // Before v5 the right foot is the slippery one.
  ...leg('', variant === 'v5' ? 1.9 : 0.9),
  ...leg('left ', 1.9)
]

const joints = ['thigh', 'leg', 'foot', 'left thigh', 'left leg', 'left foot']

/** Walker2d: walk forward on two legs without falling. */
export const walker2d = (variant: Variant): RobotSpec => ({
  id: `walker2d-${variant}`,
  title: titleOf('Walker2d', variant),
  summary: `Walk forward on two legs without falling. ${variantSummary[variant]}`,
  model: {
    name: 'Walker2d',
    timestep: 0.002,
    integrator: 'RK4',
    capsuleInertia: capsulesOf(variant),
    world: [floor({ ...contact(0.7), conaffinity: 1 })],
    bodies: bodies(variant),
    actuators: joints.map(name => ({ joint: name, gear: 100, limit: 1 }))
  },
  ...uprightTask(variant),
  ...planarNames(joints),
  start: [0, 1.25, 0, 0, 0, 0, 0, 0, 0],
  healthy: state => state[1] > 0.8 && state[1] < 2 && Math.abs(state[2]) < 1
})
