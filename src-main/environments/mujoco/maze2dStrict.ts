import type { Environment } from '../environment.ts'
import { maze2dInfo, maze2dOutcome, maze2dReward, maze2dTasks, resetMaze2d, speedLimit } from '../maze2d.ts'
import type { Maze2dReward } from '../maze2d.ts'
import { mazeLayouts } from '../mazeLayouts.ts'
import type { MazeName } from '../mazeLayouts.ts'
import { maze2dModel } from './maze2dModel.ts'
import { taskEnvironment } from './task.ts'

const clip = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

/** D4RL's maze2d with MuJoCo's soft contacts at the walls; elsewhere it moves exactly as `maze2d` does. */
export function maze2dStrict(name: MazeName, reward: Maze2dReward): Environment {
  const maze = mazeLayouts[name]
  const { goal } = maze2dTasks[name]
  return taskEnvironment({
    info: maze2dInfo(name, reward, true),
    model: maze2dModel(name),
    frameSkip: 1,
    camera: { view: 'above', follow: null, span: maze.rows[0].length + 1 },
    observationSize: 4,
    actionLimit: 1,
    restSize: 0,
    reset: (state, random) => resetMaze2d(maze, state, random),
    before(state) {
      state[2] = clip(state[2], speedLimit)
      state[3] = clip(state[3], speedLimit)
    },
    control: component => clip(component, 1),
    observe: (state, observation) => observation.set(state.subarray(0, 4)),
    score: state => ({ reward: maze2dReward(reward, goal, state[0], state[1]), terminated: false }),
    outcome: state => maze2dOutcome(goal, state)
  })
}
