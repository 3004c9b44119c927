import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import { referenceOf } from './scoreReferences.ts'
import type { Environment } from './environment.ts'

/**
 * Pendulum-v1: swing a pendulum up and hold it, with too little torque to lift it at once.
 * Equations of Gymnasium 1.4, `classic_control/pendulum.py`; torque terms in float32 as there.
 */
const timeStep = 0.05
const gravity = 10
export const maxTorque = 2
const maxSpeed = 8

/** An angle in [-pi, pi). */
export function wrapAngle(angle: number): number {
  const turn = 2 * Math.PI
  const rest = (angle + Math.PI) % turn
  return (rest < 0 ? rest + turn : rest) - Math.PI
}

const clip = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

const info: EnvironmentInfo = {
  id: 'pendulum',
  title: 'Pendulum',
  summary:
    'Swing a pendulum up and hold it upright with little torque (Gymnasium Pendulum-v1). Rewards are never positive, so an ' +
    'estimated value above 0 is provably too high.',
  domain: 'classic control',
  observationNames: ['cos angle', 'sin angle', 'angular velocity'],
  actionNames: ['torque'],
  maxSteps: 200,
  map: {
    x: 1,
    y: 0,
    xRange: [-1.1, 1.1],
    yRange: [-1.1, 1.1],
    shapes: [{ kind: 'label', x: 0, y: 1, width: 0, height: 0, text: 'upright' }]
  },
  hasScene: false,
  scoreReference: referenceOf('pendulum')
}

/** Pendulum; state is [angle from upright in rad, angular velocity in rad/s]. */
export const pendulum: Environment = {
  id: info.id,
  info,
  observationSize: 3,
  actions: { kind: 'continuous', size: 1, low: [-maxTorque], high: [maxTorque] },
  stateSize: 2,
  maxSteps: info.maxSteps,

  reset(state, random) {
    state[0] = random.uniform(-Math.PI, Math.PI)
    state[1] = random.uniform(-1, 1)
  },

  observe(state, observation) {
    observation[0] = Math.cos(state[0])
    observation[1] = Math.sin(state[0])
    observation[2] = state[1]
  },

  step(state, action) {
    const [angle, speed] = state
    const torque = clip(action[0], maxTorque)
    // r = -(wrap(th)^2 + 0.1 thdot^2 + 0.001 u^2), of the state before the step
    const torqueCost = Math.fround(Math.fround(0.001) * Math.fround(torque * torque))
    const cost = wrapAngle(angle) ** 2 + 0.1 * speed ** 2 + torqueCost
    // thdot' = thdot + (3 g / 2 sin th + 3 u) dt,  th' = th + thdot' dt   (m = l = 1)
    const acceleration = ((3 * gravity) / 2) * Math.sin(angle) + Math.fround(3 * torque)
    state[1] = clip(speed + acceleration * timeStep, maxSpeed)
    state[0] = angle + state[1] * timeStep
    return { reward: -cost, terminated: false }
  },

  outcome() {
    return 'time'
  }
}
