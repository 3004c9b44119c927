import { cartPole } from './cartPole.ts'
import { crossroads } from './crossroads.ts'
import { crossroadsGrid } from './crossroadsGrid.ts'
import type { Environment } from './environment.ts'
import { maze2dEnvironments } from './maze2d.ts'
import { robotEnvironments } from './mujoco/index.ts'
import { taskEnvironments } from './mujoco/tasks.ts'
import { mountainCarContinuous } from './mountainCarContinuous.ts'
import { resolveName } from './names.ts'
import type { NamedEnvironment } from './names.ts'
import { pendulum } from './pendulum.ts'

/** Every environment that can be simulated here. */
export const environments: readonly Environment[] = [
  crossroads,
  crossroadsGrid,
  pendulum,
  cartPole,
  mountainCarContinuous,
  ...maze2dEnvironments,
  ...robotEnvironments,
  ...taskEnvironments
]

/** The environment of an id, or undefined. */
export function environmentById(id: string): Environment | undefined {
  return environments.find(environment => environment.id === id)
}

/**
 * The environment that a file means by a name such as `Pendulum-v1`, `crossroads` or `hopper-medium-v2`.
 * @returns the environment, or null with one sentence that says why there is none
 */
export function environmentForName(name: string): NamedEnvironment {
  return resolveName(name, environments)
}

/**
 * One sentence for people about a name in a file: which variant of which environment it stands for and why, or why it is
 * not simulated.
 */
export function explainName(name: string): string {
  const { because, reason } = environmentForName(name)
  return because ?? reason
}
