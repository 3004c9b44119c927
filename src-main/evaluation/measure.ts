import { RandomSequence } from '../base/random.ts'
import { randomController, scriptedExperts } from '../environments/controllers.ts'
import type { Controller } from '../environments/controllers.ts'
import type { Environment } from '../environments/environment.ts'
import { recordEpisode } from '../environments/recipes/recipe.ts'
import { mean, sampleDeviation } from './statistics.ts'

/** Mean and sample standard deviation of a behaviour's undiscounted returns. */
export interface MeasuredReturn {
  readonly mean: number
  readonly deviation: number
}

/**
 * Scores a behaviour with access to the true state.
 * @param make a new controller for every episode
 */
function measureReturn(
  environment: Environment,
  make: () => Controller,
  episodes: number,
  seed: number
): MeasuredReturn {
  const returns = Array.from({ length: episodes }, (_, index) => {
    const random = new RandomSequence(seed, `measure/${environment.id}/${index}`)
    return recordEpisode(environment, make(), random, 'measured').return
  })
  return { mean: mean(returns), deviation: sampleDeviation(returns) }
}

/** Measures both ends of an environment's score scale: random actions and its scripted expert. */
export function measureReference(
  environment: Environment,
  episodes: number,
  seed: number
): { readonly low: MeasuredReturn; readonly high: MeasuredReturn } {
  return {
    low: measureReturn(environment, () => randomController(environment), episodes, seed),
    high: measureReturn(environment, scriptedExperts[environment.id], episodes, seed)
  }
}
