import type { Environment } from './environment.ts'
import { nameRules } from './nameRules.ts'
import type { Meaning } from './nameRules.ts'

/** What a name in a file stands for: an environment and why this variant, or the reason why it cannot be simulated. */
export type NamedEnvironment =
  | {
      readonly environment: Environment
      readonly reason: null
      readonly because: string
      /** It and its variants, which may be chosen by hand. */
      readonly choices: readonly Environment[]
    }
  | {
      readonly environment: null
      readonly reason: string
      readonly because: null
      /** Environments that come near and may be chosen by hand. */
      readonly choices: readonly Environment[]
    }

function meaningOf(name: string): Meaning {
  for (const { pattern, meaning } of nameRules) {
    const match = pattern.exec(name)
    if (match !== null) return meaning(...match.slice(1))
  }
  return { id: null, reason: 'no environment of this name is known', choices: [] }
}

/**
 * The environment that a file means by a name: our own ids, Gymnasium's registered names (`Pendulum-v1`), Minari's dataset
 * ids (`mujoco/hopper/medium-v0`) and D4RL's names (`hopper-medium-v2`).
 * @param environments those that can be simulated
 * @returns the environment with one sentence that says which variant it is and why, or null with one that says why there
 *   is none
 */
export function resolveName(name: string, environments: readonly Environment[]): NamedEnvironment {
  const key = name.trim().toLowerCase()
  const meaning = meaningOf(key)
  const id = meaning.id ?? key
  const environment = environments.find(candidate => candidate.id === id)
  const choices = environments.filter(candidate => meaning.choices.includes(candidate.id))
  if (environment === undefined)
    return {
      environment: null,
      reason: `${name}: ${meaning.id === null ? meaning.reason : `${meaning.id} is not simulated here`}`,
      because: null,
      choices: meaning.id === null ? choices : []
    }
  const because = meaning.id === null ? 'that is its name here' : meaning.because
  return {
    environment,
    reason: null,
    because: `${name} is simulated as ${id}: ${because}`,
    choices: meaning.id === null ? [environment] : choices
  }
}
