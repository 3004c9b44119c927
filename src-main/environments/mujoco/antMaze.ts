import type { EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import type { RandomSequence } from '../../base/random.ts'
import { d4rlReference } from '../d4rlReferences.ts'
import type { Environment } from '../environment.ts'
import { mazeLayouts } from '../mazeLayouts.ts'
import { ant } from './ant.ts'
import { antMazeModel, cellSize, goalCells, placeOf } from './antMazeModel.ts'
import type { AntMazeName } from './antMazeModel.ts'
import type { ModelSpec } from './spec.ts'
import { placesOf, taskEnvironment } from './task.ts'

/** The episode ends within this distance of the goal, in metres. */
const goalRadius = 0.5
/** A goal lies beside the centre of its cell by the sum of two uniforms from 0 to these, along x and along y. */
const goalOffsets = [1, 0.5] as const
const meanOffset = (goalOffsets[0] + goalOffsets[1]) / 2
const startHeight = 0.75
const startNoise = 0.1
/** Torque of a full action, in newton metres. */
const fullTorque = 30

const maxSteps: Readonly<Record<AntMazeName, number>> = { umaze: 700, medium: 1000, large: 1000 }
const titles: Readonly<Record<AntMazeName, string>> = {
  umaze: 'U-maze',
  medium: 'medium maze',
  large: 'large maze'
}

function mapOf(name: AntMazeName): EnvironmentInfo['map'] {
  const { rows, wallCells } = mazeLayouts[name]
  const low = placeOf({ row: 0, column: 0 }).x - cellSize / 2
  const goal = placeOf(goalCells[name])
  const spread = 2 * goalRadius + goalOffsets[0] + goalOffsets[1]
  return {
    x: 0,
    y: 1,
    xRange: [low, low + rows[0].length * cellSize],
    yRange: [low, low + rows.length * cellSize],
    shapes: [
      ...wallCells.map(cell => ({
        ...{ kind: 'block' as const, ...placeOf(cell) },
        ...{ width: cellSize, height: cellSize, text: '' }
      })),
      { kind: 'start', x: 0, y: 0, width: 2 * startNoise, height: 2 * startNoise, text: 'S' },
      {
        ...{ kind: 'goal', x: goal.x + meanOffset, y: goal.y + meanOffset },
        ...{ width: spread, height: spread, text: 'G' }
      }
    ]
  }
}

function infoOf(name: AntMazeName): EnvironmentInfo {
  const { observationNames, actionNames } = ant('v4')
  return {
    id: `antmaze-${name}`,
    title: `AntMaze, ${titles[name]}`,
    summary:
      `D4RL's ant walks through the ${titles[name]} to a goal that it does not see: 1 within 0.5 m of it, where the episode ` +
      `ends. The goal is drawn anew in its corner for every episode, as in v2; the score is the share of episodes that arrive.`,
    domain: 'maze',
    observationNames: ['x', 'y', ...observationNames],
    actionNames: [...actionNames],
    maxSteps: maxSteps[name],
    map: mapOf(name),
    hasScene: true,
    scoreReference: d4rlReference(`antmaze-${name}-v2`)
  }
}

/** Draws a goal into the two numbers at `at`; like the original it is never left of or below the origin. */
function drawGoal(name: AntMazeName, state: Float64Array, at: number, random: RandomSequence): void {
  const centre = placeOf(goalCells[name])
  const offset = () => random.uniform(0, goalOffsets[0]) + random.uniform(0, goalOffsets[1])
  state[at] = Math.max(centre.x + offset(), 0)
  state[at + 1] = Math.max(centre.y + offset(), 0)
}

/**
 * D4RL's AntMaze as of v2. The state ends in the goal's x and y; observations do not show it.
 * @param capsuleInertia other than that of D4RL's data, to compare with newer MuJoCo
 */
export function antMaze(
  name: AntMazeName,
  capsuleInertia: ModelSpec['capsuleInertia'] = 'cylinder'
): Environment {
  const centre = placeOf(goalCells[name])
  const middle = { x: centre.x + meanOffset, y: centre.y + meanOffset }
  const model = antMazeModel(name, { ...middle, radius: goalRadius + meanOffset }, capsuleInertia)
  const { velocities, warmstart, rest } = placesOf(model)
  const distance = (state: Float64Array) => Math.hypot(state[0] - state[rest], state[1] - state[rest + 1])
  return taskEnvironment({
    info: infoOf(name),
    model,
    frameSkip: 5,
    camera: { view: 'above', follow: null, span: (mazeLayouts[name].rows.length + 0.5) * cellSize },
    observationSize: warmstart,
    actionLimit: 1,
    restSize: 2,
    reset(state, random) {
      state.set([0, 0, startHeight, 1])
      for (let i = 0; i < velocities; i++) state[i] += random.uniform(-startNoise, startNoise)
      // MuJoCo makes the noisy quaternion a unit one before anyone observes it
      const length = Math.hypot(...state.subarray(3, 7))
      for (let i = 3; i < 7; i++) state[i] /= length
      for (let i = velocities; i < warmstart; i++) state[i] = startNoise * random.normal()
      drawGoal(name, state, rest, random)
    },
    restFrom: state => state.set([middle.x, middle.y], rest),
    control: component => Math.min(Math.max(component, -1), 1) * fullTorque,
    observe: (state, observation) => observation.set(state.subarray(0, warmstart)),
    score(state) {
      const arrived = distance(state) <= goalRadius
      return { reward: arrived ? 1 : 0, terminated: arrived }
    },
    outcome: (_state, terminated) => (terminated ? 'goal' : 'time'),
    goalOf: state => ({ x: state[rest], y: state[rest + 1], radius: goalRadius })
  })
}
