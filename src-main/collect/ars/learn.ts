/**
 * Augmented random search, V2-t (Mania, Guy and Recht 2018): a linear policy on normalised observations, improved by finite
 * differences of whole episodes. No gradients and no networks, so it costs little more than the simulation.
 */
import { setImmediate } from 'node:timers/promises'
import type { StoredTensors } from '../../base/safetensors.ts'
import { floats } from '../../base/tensors.ts'
import { actionWidth } from '../../environments/environment.ts'
import type { Behaviour } from '../behaviour.ts'
import { learnOn, line, returnsOf, Schedule } from '../learning.ts'
import type { LearnRequest, Reached } from '../learning.ts'
import { RunningMoments, scaleOf } from '../runningMoments.ts'
import { directionOf, episodeOf, linearActions, moved, updated } from './search.ts'
import type { Trial } from './search.ts'
import type { ArsSettings } from './settings.ts'

export interface ArsRequest extends LearnRequest {
  readonly settings: ArsSettings
}

interface Search {
  readonly moments: RunningMoments
  readonly schedule: Schedule
  /** [O, A] */
  weights: Float64Array
  iteration: number
  lived: number
}

function begun(request: ArsRequest): Search {
  const { environment, saved } = request
  const doubles = (name: string) => saved?.[name].data as Float64Array | undefined
  const [lived = 0, checkpointAt, iteration = 0] = doubles('numbers') ?? []
  const width = environment.observationSize
  return {
    moments: new RunningMoments(width, doubles('moments/observations')),
    schedule: new Schedule(request, checkpointAt),
    weights: doubles('weights')?.slice() ?? new Float64Array(width * actionWidth(environment)),
    iteration,
    lived
  }
}

const savedOf = ({ moments, schedule, weights, iteration, lived }: Search): StoredTensors => ({
  numbers: line(Float64Array.of(lived, schedule.at, iteration)),
  weights: line(weights),
  'moments/observations': line(moments.save())
})

/** Tries all directions of an iteration and follows the best. */
async function iterate(request: ArsRequest, search: Search): Promise<void> {
  const { environment, seed, settings, onEpisode } = request
  const { weights, iteration, moments } = search
  const place = { environment, seed, iteration }
  const scale = scaleOf(moments)
  const trials: Trial[] = []
  for (let k = 0; k < settings.directions; k++) {
    const direction = directionOf(place, k, weights.length)
    const [plus, minus] = [1, -1].map(sign => {
      const tried = moved(weights, direction, sign * settings.noise)
      const episode = episodeOf(place, tried, scale, `collect/ars/${k}/${sign}`, moments)
      search.lived += episode.length
      onEpisode(episode)
      return episode.return - settings.aliveBonus * episode.length
    })
    trials.push({ direction, plus, minus })
    await setImmediate() // messages are answered between episodes
  }
  search.weights = updated(weights, trials, settings)
  search.iteration++
}

async function reached(request: ArsRequest, search: Search): Promise<Behaviour> {
  const { environment, seed } = request
  const width = environment.observationSize
  const scale = scaleOf(search.moments)
  // What is measured is what is kept, rounded as the file has it.
  const kernel = Float32Array.from(search.weights)
  const rounded = Float64Array.from(kernel)
  const returns = await returnsOf(request, scale, rows =>
    Promise.resolve(linearActions(rounded, rows, width))
  )
  const size = actionWidth(environment)
  const actor = { 'actor/0/kernel': floats([width, size], kernel), 'actor/0/bias': floats([size]) }
  return { environmentId: environment.id, learner: 'ars', seed, steps: search.lived, returns, scale, actor }
}

/** Trains a linear policy by ARS. Equal requests give equal policies, in one go or in several. */
export async function* learnByArs(request: ArsRequest): AsyncGenerator<Reached> {
  await request.environment.prepare?.()
  const search = begun(request)
  yield* learnOn(request, {
    schedule: search.schedule,
    lived: () => search.lived,
    iterate: () => iterate(request, search),
    reached: () => reached(request, search),
    save: () => savedOf(search)
  })
}
