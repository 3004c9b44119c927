import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import { referenceOf } from './scoreReferences.ts'
import type { Environment } from './environment.ts'

/**
 * MountainCarContinuous-v0: rock an underpowered car out of a valley.
 * Equations of Gymnasium 1.4, `classic_control/continuous_mountain_car.py`, which keeps its state in float32; so the sums are
 * rounded to float32 here too.
 */
const f = Math.fround
const power = f(0.0015)
const maxSpeed = f(0.07)
const minPosition = f(-1.2)
const maxPosition = f(0.6)
const goalPosition = f(0.45)

const info: EnvironmentInfo = {
  id: 'mountaincar-continuous',
  title: 'Mountain car (continuous)',
  summary:
    'Rock an underpowered car out of a valley (Gymnasium MountainCarContinuous-v0): 100 for reaching the flag, less 0.1 times the ' +
    'squared force of every step.',
  domain: 'classic control',
  observationNames: ['position', 'velocity'],
  actionNames: ['force'],
  maxSteps: 999,
  map: {
    x: 0,
    y: 1,
    xRange: [-1.25, 0.65],
    yRange: [-0.075, 0.075],
    shapes: [{ kind: 'goal', x: 0.525, y: 0.035, width: 0.15, height: 0.07, text: 'flag' }]
  },
  hasScene: false,
  scoreReference: referenceOf('mountaincar-continuous')
}

/** MountainCarContinuous; state is [position, velocity], both float32 values. */
export const mountainCarContinuous: Environment = {
  id: info.id,
  info,
  observationSize: 2,
  actions: { kind: 'continuous', size: 1, low: [-1], high: [1] },
  stateSize: 2,
  maxSteps: info.maxSteps,

  reset(state, random) {
    state[0] = f(random.uniform(-0.6, -0.4))
    state[1] = 0
  },

  observe(state, observation) {
    observation.set(state)
  },

  step(state, action) {
    // v' = v + 0.0015 a - 0.0025 cos(3 p), within +-0.07
    const slope = 0.0025 * Math.cos(f(3 * state[0]))
    // a clipped force is a float64 number in the original
    const pull =
      Math.abs(action[0]) > 1 ? f(0.0015 * Math.sign(action[0]) - slope) : f(f(action[0] * power) - f(slope))
    const speed = Math.min(Math.max(f(state[1] + pull), -maxSpeed), maxSpeed)
    state[0] = Math.min(Math.max(f(state[0] + speed), minPosition), maxPosition)
    // the left wall stops the car
    state[1] = state[0] === minPosition && speed < 0 ? 0 : speed
    const terminated = state[0] >= goalPosition && state[1] >= 0
    // the cost is of the action as given, before it is clipped
    return { reward: (terminated ? 100 : 0) - 0.1 * action[0] ** 2, terminated }
  },

  outcome(_state, terminated) {
    return terminated ? 'goal' : 'time'
  }
}
