import type { EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import { reacherModel } from './reacherModel.ts'
import { noReference, placesOf, taskEnvironment } from './task.ts'

const info: EnvironmentInfo = {
  id: 'reacher-v4',
  title: 'Reacher v4',
  summary:
    'An arm of two links brings its fingertip to a target. Gym and Gymnasium v4: the distance before the step is paid for, ' +
    'and the cost is of the action as given.',
  domain: 'classic control',
  observationNames: [
    ...['cos shoulder', 'cos elbow', 'sin shoulder', 'sin elbow', 'target x', 'target y'],
    ...['shoulder velocity', 'elbow velocity', 'way to target x', 'way to target y', 'way to target z']
  ],
  actionNames: ['shoulder torque', 'elbow torque'],
  maxSteps: 50,
  map: null,
  hasScene: true,
  scoreReference: null,
  noScore: noReference
}

const { velocities, rest } = placesOf(reacherModel)
const startAngle = 0.1
const startSpeed = 0.005
/** Targets are drawn uniformly from the disk of this radius. */
const targetRadius = 0.2
/** Lengths from shoulder to elbow and from elbow to fingertip. */
const arm = [0.1, 0.11] as const
/** Places of the fingertip and the target among the bodies' positions, after the world. */
const [fingertip, target] = [3 * 3, 3 * 4]
/** A target this near counts as reached at the end of an episode, in metres. */
const reached = 0.02

/** The way from the target to the fingertip as MuJoCo last computed it: within its last step, so it lags behind qpos. */
function wayFrom(state: Float64Array): readonly [number, number] {
  return [state[rest], state[rest + 1]]
}

/** Gymnasium's Reacher-v4. The state ends in the lagging way from target to fingertip, x and y. */
export const reacher = taskEnvironment({
  info,
  model: reacherModel,
  frameSkip: 2,
  camera: { view: 'above', follow: null, span: 0.7 },
  observationSize: 11,
  actionLimit: 1,
  restSize: 2,
  reset(state, random) {
    state[0] = random.uniform(-startAngle, startAngle)
    state[1] = random.uniform(-startAngle, startAngle)
    do {
      state[2] = random.uniform(-targetRadius, targetRadius)
      state[3] = random.uniform(-targetRadius, targetRadius)
    } while (Math.hypot(state[2], state[3]) >= targetRadius)
    state[velocities] = random.uniform(-startSpeed, startSpeed)
    state[velocities + 1] = random.uniform(-startSpeed, startSpeed)
    restFrom(state)
  },
  restFrom,
  control: component => component,
  after({ xpos }, state) {
    state[rest] = xpos[fingertip] - xpos[target]
    state[rest + 1] = xpos[fingertip + 1] - xpos[target + 1]
  },
  observe(state, observation) {
    const [x, y] = wayFrom(state)
    const [shoulder, elbow] = state
    observation.set([Math.cos(shoulder), Math.cos(elbow), Math.sin(shoulder), Math.sin(elbow)])
    observation.set([state[2], state[3], state[velocities], state[velocities + 1], x, y, 0], 4)
  },
  score: (_state, before, action) => ({
    reward: -Math.hypot(...wayFrom(before)) - action[0] ** 2 - action[1] ** 2,
    terminated: false
  }),
  outcome: state => (Math.hypot(...wayFrom(state)) <= reached ? 'at the target' : 'time')
})

function restFrom(state: Float64Array): void {
  const both = state[0] + state[1]
  state[rest] = arm[0] * Math.cos(state[0]) + arm[1] * Math.cos(both) - state[2]
  state[rest + 1] = arm[0] * Math.sin(state[0]) + arm[1] * Math.sin(both) - state[3]
}
