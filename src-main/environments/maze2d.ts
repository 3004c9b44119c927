import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { RandomSequence } from '../base/random.ts'
import { d4rlReference } from './d4rlReferences.ts'
import type { Environment } from './environment.ts'
import { ballRadius, leaveWalls, wallOffset } from './maze2dWalls.ts'
import { mazeLayouts } from './mazeLayouts.ts'
import type { MazeCell, MazeLayout, MazeName } from './mazeLayouts.ts'

/** Where and how long a point runs in one of D4RL's mazes. */
interface Maze2dTask {
  readonly goal: MazeCell
  readonly maxSteps: number
  /** The version of D4RL's name that has this horizon. */
  readonly version: string
}

/** @see https://github.com/Farama-Foundation/D4RL/blob/master/d4rl/pointmaze/__init__.py */
export const maze2dTasks: Readonly<Record<MazeName, Maze2dTask>> = {
  open: { goal: { row: 2, column: 3 }, maxSteps: 150, version: 'v0' },
  umaze: { goal: { row: 1, column: 1 }, maxSteps: 300, version: 'v1' },
  medium: { goal: { row: 6, column: 6 }, maxSteps: 600, version: 'v1' },
  large: { goal: { row: 7, column: 9 }, maxSteps: 800, version: 'v1' }
}

export type Maze2dReward = 'sparse' | 'dense'

const stepSeconds = 0.01
/** Newtons of a full action. */
const gear = 100
/** Newtons per metre a second. */
const damping = 1
/** A ball of water, 1000 kg a cubic metre. */
const mass = ((4 * Math.PI * ballRadius ** 3) / 3) * 1000
/** MuJoCo multiplies by this reciprocal; a division would round differently. */
const inverseInertia = 1 / (mass + stepSeconds * damping)
/** Velocities are clipped to this before every step, in metres a second. */
export const speedLimit = 5
/** The sparse reward is paid within this distance of the goal. */
export const goalRadius = 0.5
/** Resets are drawn uniformly within this distance of a cell, per coordinate. */
const resetSpread = 0.1
const resetSpeed = 0.1

const clip = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

/** The reward for being at (x, y): 1 within half a metre of the goal, or exp(-distance). */
export function maze2dReward(kind: Maze2dReward, goal: MazeCell, x: number, y: number): number {
  const distance = Math.hypot(x - goal.row, y - goal.column)
  return kind === 'dense' ? Math.exp(-distance) : distance <= goalRadius ? 1 : 0
}

/** Draws position and velocity of a new episode into `state`: any free cell, the goal's too. */
export function resetMaze2d(maze: MazeLayout, state: Float64Array, random: RandomSequence): void {
  const cell = maze.freeCells[random.integer(maze.freeCells.length)]
  state[0] = cell.row + random.uniform(-resetSpread, resetSpread)
  state[1] = cell.column + random.uniform(-resetSpread, resetSpread)
  state[2] = resetSpeed * random.normal()
  state[3] = resetSpeed * random.normal()
}

/** One step of the ball where no wall is: Euler with implicit damping, as MuJoCo rounds it. */
function coast(state: Float64Array, action: Float32Array): void {
  for (let axis = 0; axis < 2; axis++) {
    const velocity = clip(state[2 + axis], speedLimit)
    const force = gear * clip(action[axis], 1) - damping * velocity
    state[2 + axis] = velocity + stepSeconds * (force * inverseInertia)
    state[axis] += stepSeconds * state[2 + axis]
  }
}

const title: Readonly<Record<MazeName, string>> = {
  open: 'open room',
  umaze: 'U-maze',
  medium: 'medium maze',
  large: 'large maze'
}

/** The map of a maze in the coordinates of its observations: rows to the right, columns upwards. */
function mapOf(maze: MazeLayout, goal: MazeCell): EnvironmentInfo['map'] {
  const low = wallOffset - 0.5
  const boxes = maze.wallCells.map(({ row, column }) => ({
    kind: 'block' as const,
    x: row + wallOffset,
    y: column + wallOffset,
    width: 1,
    height: 1,
    text: ''
  }))
  const goalShape = {
    kind: 'goal' as const,
    x: goal.row,
    y: goal.column,
    width: 2 * goalRadius,
    height: 2 * goalRadius,
    text: 'G'
  }
  return {
    x: 0,
    y: 1,
    xRange: [low, low + maze.rows.length],
    yRange: [low, low + maze.rows[0].length],
    shapes: [...boxes, goalShape]
  }
}

/** What the page shows of a maze, simulated here or by MuJoCo. */
export function maze2dInfo(name: MazeName, reward: Maze2dReward, strict: boolean): EnvironmentInfo {
  const { goal, maxSteps, version } = maze2dTasks[name]
  const suffix = reward === 'dense' ? '-dense' : ''
  const contacts = strict
    ? "Walls are MuJoCo's soft contacts, as in D4RL."
    : 'Moves in free space are exactly those of D4RL; walls stop the ball at once, where D4RL has soft contacts.'
  const paid =
    reward === 'dense' ? 'exp(-distance to the goal) a step' : '1 for every step within 0.5 m of the goal'
  return {
    id: `maze2d-${name}${strict ? '-strict' : ''}${suffix}`,
    title: `Maze2d, ${title[name]}${reward === 'dense' ? ', dense reward' : ''}${strict ? ' (MuJoCo contacts)' : ''}`,
    summary: `D4RL's point mass in the ${title[name]}: ${paid}; episodes never end before ${maxSteps} steps. ${contacts}`,
    domain: 'maze',
    observationNames: ['x', 'y', 'velocity x', 'velocity y'],
    actionNames: ['force x', 'force y'],
    maxSteps,
    map: mapOf(mazeLayouts[name], goal),
    hasScene: false,
    scoreReference: d4rlReference(`maze2d-${name}${suffix}-${version}`)
  }
}

/** Whether the ball is within half a metre of the goal at the end. */
export const maze2dOutcome = (goal: MazeCell, state: Float64Array): string =>
  maze2dReward('sparse', goal, state[0], state[1]) === 1 ? 'at the goal' : 'elsewhere'

/**
 * D4RL's maze2d with walls in TypeScript; state is x, y, vx, vy in metres and metres a second.
 * @param reward `sparse` as scored by D4RL, or `dense`
 */
export function maze2d(name: MazeName, reward: Maze2dReward): Environment {
  const maze = mazeLayouts[name]
  const { goal } = maze2dTasks[name]
  const info = maze2dInfo(name, reward, false)
  return {
    id: info.id,
    info,
    observationSize: 4,
    actions: { kind: 'continuous', size: 2, low: [-1, -1], high: [1, 1] },
    stateSize: 4,
    maxSteps: info.maxSteps,
    reset: (state, random) => resetMaze2d(maze, state, random),
    observe: (state, observation) => observation.set(state),
    step(state, action) {
      coast(state, action)
      leaveWalls(maze, state)
      return { reward: maze2dReward(reward, goal, state[0], state[1]), terminated: false }
    },
    outcome: state => maze2dOutcome(goal, state)
  }
}

const names = Object.keys(mazeLayouts) as MazeName[]

/** All mazes with sparse rewards, then all with dense ones. */
export const maze2dEnvironments: readonly Environment[] = [
  ...names.map(name => maze2d(name, 'sparse')),
  ...names.map(name => maze2d(name, 'dense'))
]
