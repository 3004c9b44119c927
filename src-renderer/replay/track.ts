import type { Rollout } from '../../src-preload/contract/evaluations.ts'
import { decodeColumn, fromScalar } from '../../src-preload/contract/values.ts'

/** One recorded episode, decoded once, as the replay draws it. */
export interface Track {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly outcome: string
  readonly return: number
  readonly length: number
  /** [T + 1, observationSize] */
  readonly observations: Float64Array
  readonly observationSize: number
  /** [T, actionSize] */
  readonly actions: Float64Array
  readonly actionSize: number
  readonly rewards: Float64Array
  /** Q(s_t, a_t) and V(s_t) in scaled reward units; null where the method has none. */
  readonly q: Float64Array | null
  readonly v: Float64Array | null
}

/** Turns an evaluation's rollout into a track. */
export function trackOf(rollout: Rollout, style: { id: string; name: string; colour: string }): Track {
  const rewards = Float64Array.from(decodeColumn(rollout.rewards))
  return {
    ...style,
    outcome: rollout.outcome,
    return: fromScalar(rollout.return),
    length: rewards.length,
    observations: Float64Array.from(decodeColumn(rollout.observations)),
    observationSize: rollout.observations.shape[1] ?? 1,
    actions: Float64Array.from(decodeColumn(rollout.actions)),
    actionSize: rollout.actions.shape[1] ?? 1,
    rewards,
    q: rollout.qValues && Float64Array.from(decodeColumn(rollout.qValues)),
    v: rollout.values && Float64Array.from(decodeColumn(rollout.values))
  }
}

/** Column `index` of a row-major array as its own array. */
export function columnOf(values: Float64Array, width: number, index: number): Float64Array {
  const out = new Float64Array(Math.floor(values.length / width))
  for (let i = 0; i < out.length; i++) out[i] = values[i * width + index] ?? NaN
  return out
}

/** Running sum of the rewards, one value a step. */
export function returnSoFar(rewards: Float64Array): Float64Array {
  let sum = 0
  return rewards.map(reward => (sum += reward))
}

/** The first step at which two tracks of one start differ by more than `tolerance` in any observation; null if never. */
export function partingStep(a: Track, b: Track, tolerance = 0.05): number | null {
  const width = a.observationSize
  if (b.observationSize !== width) return null
  const scale = Array.from({ length: width }, (_, d) => {
    const values = columnOf(a.observations, width, d)
    return Math.max(1e-6, Math.max(...values) - Math.min(...values))
  })
  const steps = Math.min(a.length, b.length) + 1
  for (let t = 0; t < steps; t++) {
    for (let d = 0; d < width; d++) {
      const gap = Math.abs((a.observations[t * width + d] ?? 0) - (b.observations[t * width + d] ?? 0))
      if (gap > tolerance * (scale[d] ?? 1)) return t
    }
  }
  return null
}
