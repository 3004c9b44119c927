import type { EpisodeColumns } from '../../src-preload/contract/datasets.ts'
import type { Rollout } from '../../src-preload/contract/evaluations.ts'
import { decodeColumn, fromScalar } from '../../src-preload/contract/values.ts'

/** How a track is told from the others. */
export interface TrackStyle {
  readonly id: string
  readonly name: string
  readonly colour: string
}

/** One recorded episode, of a policy or of a dataset, decoded once, as the replay draws it. */
export interface Track extends TrackStyle {
  /** The environment's word for its end, such as `goal`, `fell`, `time` or `failed`; empty when nobody knows. */
  readonly outcome: string
  readonly return: number
  /** Steps T. */
  readonly length: number
  /** [T + 1, observationSize] */
  readonly observations: Float64Array
  readonly observationSize: number
  /** [T, actionSize] */
  readonly actions: Float64Array
  readonly actionSize: number
  /** [T] */
  readonly rewards: Float64Array
  /** Q(s_t, a_t) and V(s_t), [T], in training reward units; null where the method has none. */
  readonly q: Float64Array | null
  readonly v: Float64Array | null
  /** The advantage of the taken action, [T]; null where nobody valued it. */
  readonly advantages: Float64Array | null
  /** Whether it is Q - V, or for methods with V alone what was really earned minus V. */
  readonly advantageFrom: 'q' | 'return' | null
  /** `qpos` [T + 1, positionSize] of a simulated robot; null where it is not known. */
  readonly positions: Float32Array | null
  /** Length of `qpos`; 0 without positions. */
  readonly positionSize: number
  /** Where this episode was to arrive, in the units of its map; null where it recorded none. */
  readonly goal: Rollout['goal']
}

/** Turns an evaluation's rollout into a track. */
export function trackOf(rollout: Rollout, style: TrackStyle): Track {
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
    v: rollout.values && Float64Array.from(decodeColumn(rollout.values)),
    advantages: rollout.advantages && Float64Array.from(decodeColumn(rollout.advantages)),
    advantageFrom: rollout.advantageFrom,
    positions: rollout.positions && Float32Array.from(decodeColumn(rollout.positions)),
    positionSize: rollout.positions?.shape[1] ?? 0,
    goal: rollout.goal
  }
}

const endWords: Readonly<Record<EpisodeColumns['endReason'], string>> = {
  terminated: 'terminated',
  truncated: 'time',
  cut: 'cut',
  unknown: ''
}
const sizeOf = ([, ...rest]: readonly number[]): number => rest.reduce((product, size) => product * size, 1)

/** Turns an episode of a dataset into a track; nobody valued it, so Q and V are null. */
export function trackOfEpisode(episode: EpisodeColumns, style: TrackStyle): Track {
  const rewards = Float64Array.from(decodeColumn(episode.rewards))
  return {
    ...style,
    outcome: endWords[episode.endReason],
    return: fromScalar(episode.return),
    length: episode.actions.shape[0] ?? rewards.length,
    observations: Float64Array.from(decodeColumn(episode.observations)),
    observationSize: sizeOf(episode.observations.shape),
    actions: Float64Array.from(decodeColumn(episode.actions)),
    actionSize: sizeOf(episode.actions.shape),
    rewards,
    q: null,
    v: null,
    advantages: null,
    advantageFrom: null,
    positions: episode.positions && Float32Array.from(decodeColumn(episode.positions)),
    positionSize: episode.positions?.shape[1] ?? 0,
    goal: null
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
