import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { RandomSequence } from '../base/random.ts'
import type { Environment } from './environment.ts'
import { referenceOf } from './scoreReferences.ts'

/**
 * Crossroads: a point in a square arena for which the best route to the goal appears in no single demonstration.
 * Coordinates are in arena units, x to the right and y upwards; observations are positions scaled to [-1, 1].
 */
const arenaSize = 10
/** Distance of one full-length action. */
export const stepLength = 0.4
/** Standard deviation of the position noise of a step, per coordinate. */
const positionNoise = 0.02
const terminalRadius = 0.6
/** Starts are drawn uniformly within this distance of the place, per coordinate. */
const startSpread = 0.3

export interface Place {
  readonly x: number
  readonly y: number
}

export const places = {
  start: { x: 1, y: 5 },
  secondStart: { x: 5, y: 9 },
  crossing: { x: 5, y: 5 },
  deadEnd: { x: 9, y: 5 },
  goal: { x: 5, y: 1 },
  consolation: { x: 1, y: 1 }
} as const satisfies Record<string, Place>

const terminals = [
  { place: places.goal, reward: 1, outcome: 'goal' },
  { place: places.consolation, reward: 0.4, outcome: 'consolation' },
  { place: places.deadEnd, reward: 0, outcome: 'dead end' }
] as const

const blocks = [
  { left: 2, right: 4, bottom: 0, top: 4 },
  { left: 6, right: 8, bottom: 0, top: 4 }
] as const

const terminalAt = (x: number, y: number) =>
  terminals.find(({ place }) => Math.hypot(x - place.x, y - place.y) <= terminalRadius)

const insideBlock = (x: number, y: number): boolean =>
  blocks.some(block => x > block.left && x < block.right && y > block.bottom && y < block.top)

const insideArena = (value: number): number => Math.min(Math.max(value, 0), arenaSize)

/** An arena coordinate as the policy sees it, in [-1, 1]. */
const scaleCoordinate = (value: number): number => value / (arenaSize / 2) - 1

/**
 * Draws a start around a place into `state`, [2].
 * @param place centre of the square of starts
 */
export function startNear(place: Place, state: Float64Array, random: RandomSequence): void {
  state[0] = place.x + random.uniform(-startSpread, startSpread)
  state[1] = place.y + random.uniform(-startSpread, startSpread)
}

/** Shortens `action`, [2], in place to length 1 when it is longer. */
export function capLength(action: Float32Array | Float64Array): void {
  const length = Math.hypot(action[0], action[1])
  if (length <= 1) return
  action[0] /= length
  action[1] /= length
}

const circle = (
  kind: 'start' | 'goal' | 'trap' | 'consolation',
  place: Place,
  radius: number,
  text: string
) => ({
  kind,
  x: scaleCoordinate(place.x),
  y: scaleCoordinate(place.y),
  width: radius / (arenaSize / 4),
  height: radius / (arenaSize / 4),
  text
})

const info: EnvironmentInfo = {
  id: 'crossroads',
  title: 'Crossroads',
  summary:
    'A point walks from S to the goal G. Demonstrations go from S to a dead end, from T to G, and from S to a small ' +
    'consolation reward; only a method that joins parts of different episodes reaches G from S.',
  domain: 'teaching',
  observationNames: ['x', 'y'],
  actionNames: ['move x', 'move y'],
  maxSteps: 60,
  map: {
    x: 0,
    y: 1,
    xRange: [-1, 1],
    yRange: [-1, 1],
    shapes: [
      ...blocks.map(({ left, right, bottom, top }) => ({
        kind: 'block' as const,
        x: scaleCoordinate((left + right) / 2),
        y: scaleCoordinate((bottom + top) / 2),
        width: (right - left) / (arenaSize / 2),
        height: (top - bottom) / (arenaSize / 2),
        text: ''
      })),
      circle('start', places.start, startSpread, 'S'),
      circle('start', places.secondStart, startSpread, 'T'),
      circle('goal', places.goal, terminalRadius, 'G (1)'),
      circle('consolation', places.consolation, terminalRadius, 'M (0.4)'),
      circle('trap', places.deadEnd, terminalRadius, 'X (0)'),
      {
        kind: 'label',
        x: scaleCoordinate(places.crossing.x),
        y: scaleCoordinate(places.crossing.y),
        width: 0,
        height: 0,
        text: 'C'
      }
    ]
  },
  hasScene: false,
  scoreReference: referenceOf('crossroads')
}

/** The Crossroads arena; state is the position [x, y] in arena units. */
export const crossroads: Environment = {
  id: info.id,
  info,
  observationSize: 2,
  actions: { kind: 'continuous', size: 2, low: [-1, -1], high: [1, 1] },
  stateSize: 2,
  maxSteps: info.maxSteps,

  reset(state, random) {
    startNear(places.start, state, random)
  },

  observe(state, observation) {
    observation[0] = scaleCoordinate(state[0])
    observation[1] = scaleCoordinate(state[1])
  },

  step(state, action, random) {
    const move = Float64Array.from(action)
    capLength(move)
    // p' = p + 0.4 a + N(0, 0.02^2); a move that would end inside a block does not happen
    const x = insideArena(state[0] + stepLength * move[0] + positionNoise * random.normal())
    const y = insideArena(state[1] + stepLength * move[1] + positionNoise * random.normal())
    if (!insideBlock(x, y)) {
      state[0] = x
      state[1] = y
    }
    const terminal = terminalAt(state[0], state[1])
    return { reward: terminal?.reward ?? 0, terminated: terminal !== undefined }
  },

  outcome(state, terminated) {
    return terminated ? (terminalAt(state[0], state[1])?.outcome ?? 'time') : 'time'
  }
}
