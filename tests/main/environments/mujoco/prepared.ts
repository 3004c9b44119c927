import { RandomSequence } from '../../../../src-main/base/random.ts'
import type { Environment } from '../../../../src-main/environments/environment.ts'
import { environmentById } from '../../../../src-main/environments/index.ts'

type Robot = Environment & { readonly robot: NonNullable<Environment['robot']> }

/** A robot's environment, ready to be stepped. */
export async function preparedRobot(id: string): Promise<Robot> {
  const environment = environmentById(id)
  if (environment?.robot === undefined) throw new Error(`${id} is no robot`)
  await environment.prepare?.()
  return environment as Robot
}

/** For steps that draw nothing. */
export const unused = new RandomSequence(0, 'unused')

/** Uniform actions between the bounds. */
export const randomAction = (environment: Environment, random: RandomSequence): Float32Array =>
  environment.actions.kind === 'continuous'
    ? Float32Array.from({ length: environment.actions.size }, () => random.uniform(-1, 1))
    : Float32Array.of(0)

/** The return and length of one episode under uniform actions. */
export function randomEpisode(environment: Environment, seed: number): { return: number; length: number } {
  const random = new RandomSequence(seed, 'random policy')
  const state = new Float64Array(environment.stateSize)
  environment.reset(state, random)
  let total = 0
  for (let length = 1; length <= environment.maxSteps; length++) {
    const { reward, terminated } = environment.step(state, randomAction(environment, random), random)
    total += reward
    if (terminated) return { return: total, length }
  }
  return { return: total, length: environment.maxSteps }
}

/** The largest distance between two rows of numbers; infinite when one is not finite. */
export function largestGap(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let gap = 0
  for (let i = 0; i < right.length; i++) {
    const distance = Math.abs(left[i] - right[i])
    gap = Number.isNaN(distance) ? Infinity : Math.max(gap, distance)
  }
  return gap
}
