import { z } from 'zod'
import type { Environment } from '../../environments/environment.ts'

/** Settings of an ARS run; those of a robot are its paper's or were found here (docs/decisions/0016). */
export const arsSettings = z.object({
  /** Directions that are tried in an iteration, N; each costs two episodes. */
  directions: z.number().int().positive().default(8),
  /** The best of them that are followed, b. */
  top: z.number().int().positive().default(4),
  /** alpha */
  stepSize: z.number().positive().default(0.02),
  /** nu, the deviation of the directions. */
  noise: z.number().positive().default(0.03),
  /** Taken off every reward while learning: what a robot is paid for standing still teaches it to stand still. */
  aliveBonus: z.number().default(0)
})
export type ArsSettings = z.infer<typeof arsSettings>

const ofRobots: Readonly<Record<string, Partial<ArsSettings>>> = {
  hopper: { stepSize: 0.01, noise: 0.025, aliveBonus: 1 },
  walker2d: { directions: 40, top: 30, stepSize: 0.03, noise: 0.025, aliveBonus: 1 },
  ant: { directions: 60, top: 20, stepSize: 0.015, noise: 0.025, aliveBonus: 1 },
  halfcheetah: { directions: 32, top: 4 }
}

/** Settings for an environment, with those that are given in their place. */
export function arsSettingsFor({ id }: Environment, given: object): ArsSettings {
  const robot = Object.keys(ofRobots).find(name => id.startsWith(`${name}-`))
  return arsSettings.parse({ ...(robot === undefined ? {} : ofRobots[robot]), ...given })
}
