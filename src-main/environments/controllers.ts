import type { RandomSequence } from '../base/random.ts'
import { capLength, places, stepLength } from './crossroads.ts'
import type { Place } from './crossroads.ts'
import { cells, gridMoves } from './crossroadsGrid.ts'
import type { Cell } from './crossroadsGrid.ts'
import type { Environment } from './environment.ts'
import { maxTorque, wrapAngle } from './pendulum.ts'

/**
 * A behaviour that reads the true state and writes the action for this step.
 * @param state [stateSize]
 * @param action [action size] or one integer, overwritten
 */
export type Controller = (
  state: Float64Array,
  action: Float32Array,
  random: RandomSequence,
  step: number
) => void

/** Uniform actions within the environment's bounds. */
export function randomController(environment: Environment): Controller {
  const { actions } = environment
  if (actions.kind === 'discrete')
    return (_state, action, random) => void (action[0] = random.integer(actions.count))
  return (_state, action, random) => {
    for (let i = 0; i < actions.size; i++) action[i] = random.uniform(actions.low[i], actions.high[i])
  }
}

/** Acts uniformly at random with probability `share` at each step, else as the controller. */
export function mixedWithRandom(environment: Environment, controller: Controller, share: number): Controller {
  const uniform = randomController(environment)
  return (state, action, random, step) => {
    const act = random.uniform() < share ? uniform : controller
    act(state, action, random, step)
  }
}

/** Adds normal noise to continuous actions, within their bounds. */
export function withNoise(environment: Environment, controller: Controller, deviation: number): Controller {
  const { actions } = environment
  if (actions.kind === 'discrete') return controller
  return (state, action, random, step) => {
    controller(state, action, random, step)
    for (let i = 0; i < actions.size; i++) {
      action[i] = Math.min(Math.max(action[i] + deviation * random.normal(), actions.low[i]), actions.high[i])
    }
  }
}

/** A waypoint counts as reached within this distance; wider than one step, so that the walker does not circle it. */
const reachedWithin = 0.6

/**
 * Walks the Crossroads arena through waypoints at full speed.
 * @param noise standard deviation added to each action component before its length is capped at 1
 */
export function walkThrough(waypoints: readonly Place[], noise = 0): Controller {
  let next = 0
  return (state, action, random) => {
    const distance = (place: Place) => Math.hypot(place.x - state[0], place.y - state[1])
    if (next < waypoints.length - 1 && distance(waypoints[next]) < reachedWithin) next++
    const target = waypoints[next]
    const scale = 1 / Math.max(distance(target), stepLength)
    const move = new Float64Array([
      (target.x - state[0]) * scale + noise * random.normal(),
      (target.y - state[1]) * scale + noise * random.normal()
    ])
    capLength(move)
    action.set(move)
  }
}

/** Walks the Crossroads grid through cells, columns first. */
export function walkCells(waypoints: readonly Cell[]): Controller {
  let next = 0
  return (state, action) => {
    const at = (cell: Cell) => cell.column === state[0] && cell.row === state[1]
    if (next < waypoints.length - 1 && at(waypoints[next])) next++
    const column = Math.sign(waypoints[next].column - state[0])
    const row = column === 0 ? Math.sign(waypoints[next].row - state[1]) : 0
    action[0] = gridMoves.findIndex(move => move.column === column && move.row === row)
  }
}

/** Pumps energy until the pendulum can reach the top, then holds it there by proportional-derivative feedback. */
export const swingUp: Controller = (state, action) => {
  const angle = wrapAngle(state[0])
  const speed = state[1]
  // energy of thdot^2 / 2 + 15 cos th; 15 stands upright. Torque u adds 3 u thdot to it.
  const missing = 15 - (speed * speed) / 2 - 15 * Math.cos(angle)
  const direction = speed === 0 ? 1 : Math.sign(speed)
  const nearTop = Math.cos(angle) > 0.85 && Math.abs(missing) < 4
  const torque = nearTop ? -(12 * angle + 3 * speed) : missing * direction
  action[0] = Math.min(Math.max(torque, -maxTorque), maxTorque)
}

/** Linear feedback that keeps the pole up and the cart on its track. */
export const balance: Controller = (state, action) => {
  action[0] = 0.1 * state[0] + 0.3 * state[1] + 3 * state[2] + 0.8 * state[3] > 0 ? 1 : 0
}

/** Pushes along the velocity with a share of the full force. */
export const rock =
  (strength: number): Controller =>
  (state, action) => {
    action[0] = state[1] >= 0 ? strength : -strength
  }

/** The scripted expert of each environment, which defines score 100; a new one for every episode. */
export const scriptedExperts: Readonly<Record<string, () => Controller>> = {
  crossroads: () => walkThrough([places.crossing, places.goal]),
  'crossroads-grid': () => walkCells([cells.crossing, cells.goal]),
  pendulum: () => swingUp,
  cartpole: () => balance,
  'mountaincar-continuous': () => rock(0.55)
}
