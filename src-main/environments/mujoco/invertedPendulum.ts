import type { EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import { invertedPendulumModel } from './invertedPendulumModel.ts'
import { noReference, taskEnvironment } from './task.ts'

const info: EnvironmentInfo = {
  id: 'inverted-pendulum-v4',
  title: 'Inverted pendulum v4',
  summary:
    'A cart keeps its pole upright. Gym and Gymnasium v4: 1 for every step, the failing one included; ends when the pole ' +
    'leans by more than 0.2 rad.',
  domain: 'classic control',
  observationNames: ['place', 'angle', 'velocity', 'turn rate'],
  actionNames: ['force'],
  maxSteps: 1000,
  map: null,
  hasScene: true,
  scoreReference: null,
  noScore: noReference
}

const startNoise = 0.01
const largestAngle = 0.2

/** Gymnasium's InvertedPendulum-v4; an action of 1 pushes with 100 N. */
export const invertedPendulum = taskEnvironment({
  info,
  model: invertedPendulumModel,
  frameSkip: 2,
  camera: { view: 'side', follow: null, span: 2 },
  observationSize: 4,
  actionLimit: 3,
  restSize: 0,
  reset(state, random) {
    for (let i = 0; i < 4; i++) state[i] = random.uniform(-startNoise, startNoise)
  },
  control: component => component,
  observe: (state, observation) => observation.set(state.subarray(0, 4)),
  score: state => ({
    reward: 1,
    terminated: !state.subarray(0, 4).every(Number.isFinite) || Math.abs(state[1]) > largestAngle
  }),
  outcome: (_state, terminated) => (terminated ? 'fell' : 'balanced')
})
