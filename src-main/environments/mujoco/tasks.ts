import type { Environment } from '../environment.ts'
import { mazeLayouts } from '../mazeLayouts.ts'
import type { MazeName } from '../mazeLayouts.ts'
import { antMaze } from './antMaze.ts'
import { invertedPendulum } from './invertedPendulum.ts'
import { maze2dStrict } from './maze2dStrict.ts'
import { reacher } from './reacher.ts'

const names = Object.keys(mazeLayouts) as MazeName[]

/** Simulated tasks other than walking: mazes with MuJoCo's contacts, and two small machines. */
export const taskEnvironments: readonly Environment[] = [
  antMaze('umaze'),
  antMaze('medium'),
  antMaze('large'),
  ...names.map(name => maze2dStrict(name, 'sparse')),
  ...names.map(name => maze2dStrict(name, 'dense')),
  reacher,
  invertedPendulum
]
