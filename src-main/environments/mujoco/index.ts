import type { Environment } from '../environment.ts'
import { ant } from './ant.ts'
import { halfCheetah } from './halfCheetah.ts'
import { hopper } from './hopper.ts'
import { robotEnvironment } from './robot.ts'
import { variants } from './variants.ts'
import { walker2d } from './walker2d.ts'

/** The robots that walk, in each of their variants. */
export const robotEnvironments: readonly Environment[] = [halfCheetah, hopper, walker2d, ant].flatMap(robot =>
  variants.map(variant => robotEnvironment(robot(variant)))
)
