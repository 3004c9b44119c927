import { crossroads } from './crossroads.ts'
import type { Environment } from './environment.ts'

/** Every environment that can be simulated here. */
export const environments: readonly Environment[] = [crossroads]

/** The environment of an id, or undefined. */
export function environmentById(id: string): Environment | undefined {
  return environments.find(environment => environment.id === id)
}
