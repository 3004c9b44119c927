import { fillNormal } from '../../base/random.ts'
import type { Environment } from '../../environments/environment.ts'
import { Lane } from '../lanes.ts'
import type { LivedEpisode } from '../lanes.ts'
import { normaliseRows } from '../runningMoments.ts'
import type { ObservationScale, RunningMoments } from '../runningMoments.ts'
import type { ArsSettings } from './settings.ts'

/** Actions x W of normalised observations. @param weights [O, A] @param rows [n, O] @returns [n, A] */
export function linearActions(weights: Float64Array, rows: Float32Array, width: number): Float32Array {
  const size = weights.length / width
  const out = new Float32Array((rows.length / width) * size)
  for (let row = 0; row * width < rows.length; row++)
    for (let a = 0; a < size; a++) {
      let sum = 0
      for (let o = 0; o < width; o++) sum += rows[row * width + o] * weights[o * size + a]
      out[row * size + a] = sum
    }
  return out
}

/** One direction with what both its ends were paid, the alive bonus taken off. */
export interface Trial {
  readonly direction: Float64Array
  readonly plus: number
  readonly minus: number
}

/** Where and when a trial is made. */
export interface TrialPlace {
  readonly environment: Environment
  readonly seed: number
  readonly iteration: number
}

/** One episode of a linear policy. @param moments are fed every observation that was acted on */
export function episodeOf(
  { environment, seed, iteration }: TrialPlace,
  weights: Float64Array,
  scale: ObservationScale,
  stream: string,
  moments: RunningMoments
): LivedEpisode {
  const lane = new Lane(environment, seed, stream, { episode: iteration, actions: new Float32Array(0) })
  for (;;) {
    moments.add(lane.observation)
    const row = normaliseRows(scale, lane.observation.slice())
    const { ended } = lane.step(linearActions(weights, row, environment.observationSize))
    if (ended !== null) return ended
  }
}

/** The k-th direction of an iteration, [O * A]. */
export function directionOf({ seed, iteration }: TrialPlace, k: number, size: number): Float64Array {
  const direction = new Float64Array(size)
  fillNormal(direction, { seed, stream: `collect/ars/${k}`, step: iteration })
  return direction
}

/** weights + by * direction */
export const moved = (weights: Float64Array, direction: Float64Array, by: number): Float64Array =>
  weights.map((weight, i) => weight + by * direction[i])

/**
 * The update of ARS V2-t (Mania, Guy and Recht 2018, algorithm 2): M + alpha / (b sigma_R) sum (r+ - r-) delta over the b directions
 * whose better end was paid most; sigma_R is the deviation of their 2 b returns.
 */
export function updated(
  weights: Float64Array,
  trials: readonly Trial[],
  { top, stepSize }: ArsSettings
): Float64Array {
  const best = [...trials].sort((a, b) => Math.max(b.plus, b.minus) - Math.max(a.plus, a.minus)).slice(0, top)
  const paid = best.flatMap(({ plus, minus }) => [plus, minus])
  const mean = paid.reduce((sum, value) => sum + value, 0) / paid.length
  const deviation = Math.sqrt(paid.reduce((sum, value) => sum + (value - mean) ** 2, 0) / paid.length)
  if (!(deviation > 0)) return weights
  const share = stepSize / (best.length * deviation)
  return best.reduce(
    (sum, { direction, plus, minus }) => moved(sum, direction, share * (plus - minus)),
    weights
  )
}
