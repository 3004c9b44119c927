import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import { referenceOf } from './scoreReferences.ts'
import type { Environment } from './environment.ts'

/**
 * CartPole-v1: keep a pole upright by pushing its cart left or right.
 * Equations of Gymnasium 1.4, `classic_control/cartpole.py` (Barto, Sutton and Anderson 1983), explicit Euler.
 */
const timeStep = 0.02
const gravity = 9.8
const poleMass = 0.1
const totalMass = 1 + poleMass
const halfLength = 0.5
const poleMassLength = poleMass * halfLength
const force = 10
const maxPosition = 2.4
const maxAngle = (12 * 2 * Math.PI) / 360

const info: EnvironmentInfo = {
  id: 'cartpole',
  title: 'CartPole',
  summary:
    'Keep a pole upright by pushing its cart left or right (Gymnasium CartPole-v1); one reward for every step it stands.',
  domain: 'classic control',
  observationNames: ['position', 'velocity', 'angle', 'angular velocity'],
  actionNames: ['push left', 'push right'],
  maxSteps: 500,
  map: null,
  hasScene: false,
  scoreReference: referenceOf('cartpole')
}

/** CartPole; state is [x in m, velocity, angle in rad, angular velocity]. */
export const cartPole: Environment = {
  id: info.id,
  info,
  observationSize: 4,
  actions: { kind: 'discrete', count: 2 },
  stateSize: 4,
  maxSteps: info.maxSteps,

  reset(state, random) {
    for (let i = 0; i < 4; i++) state[i] = random.uniform(-0.05, 0.05)
  },

  observe(state, observation) {
    observation.set(state)
  },

  step(state, action) {
    const [x, speed, angle, turning] = state
    const push = action[0] === 1 ? force : -force
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const base = (push + poleMassLength * (turning * turning) * sin) / totalMass
    const turningRate =
      (gravity * sin - cos * base) / (halfLength * (4 / 3 - (poleMass * (cos * cos)) / totalMass))
    const acceleration = base - (poleMassLength * turningRate * cos) / totalMass
    state[0] = x + timeStep * speed
    state[1] = speed + timeStep * acceleration
    state[2] = angle + timeStep * turning
    state[3] = turning + timeStep * turningRate
    // the reward is also paid on the step at which it falls
    return { reward: 1, terminated: Math.abs(state[0]) > maxPosition || Math.abs(state[2]) > maxAngle }
  },

  outcome(state, terminated) {
    if (!terminated) return 'balanced'
    return Math.abs(state[0]) > maxPosition ? 'left the track' : 'fell'
  }
}
