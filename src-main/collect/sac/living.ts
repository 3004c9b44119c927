import { RandomSequence } from '../../base/random.ts'
import type { StoredTensors } from '../../base/safetensors.ts'
import { actionWidth } from '../../environments/environment.ts'
import type { Environment } from '../../environments/environment.ts'
import { Lane } from '../lanes.ts'
import type { LivedEpisode } from '../lanes.ts'
import { placeOf, savedLanes } from '../lanesSaved.ts'
import { line } from '../learning.ts'
import { Replay } from './replay.ts'
import type { ActionRange } from './replay.ts'
import type { SacSettings } from './settings.ts'

/** Squashed actions in (-1, 1) of observations, one row a lane; null while actions are drawn at random. */
export type Distribution = (
  observations: Float32Array
) => Promise<{ readonly mean: Float32Array; readonly logStd: Float32Array }>

/** Bounds of an environment as a centre and a half width. */
export function rangeOf({ actions }: Environment): ActionRange {
  if (actions.kind === 'discrete') throw new Error('invariant: SAC works with continuous actions')
  const { low, high } = actions
  return {
    centre: Float32Array.from(low, (value, i) => (value + high[i]) / 2),
    half: Float32Array.from(low, (value, i) => (high[i] - value) / 2)
  }
}

/** The environments that a SAC run lives in, and what it remembers of them. */
export class Living {
  readonly #lanes: readonly Lane[]
  readonly #noise: RandomSequence
  readonly #range: ActionRange
  readonly #width: number
  readonly replay: Replay
  #time: number

  /** @param saved what `save` gave; `remember` then fills the replay */
  constructor(
    environment: Environment,
    { lanes, capacity }: SacSettings,
    seed: number,
    steps: number,
    saved?: StoredTensors
  ) {
    this.#range = rangeOf(environment)
    this.#width = environment.observationSize
    this.#noise = new RandomSequence(seed, 'collect/noise', saved?.['noise'].data[0])
    this.#lanes = Array.from(
      { length: lanes },
      (_, index) => new Lane(environment, seed, `collect/lane/${index}`, saved && placeOf(saved, index))
    )
    const needed = Math.ceil(steps / lanes + 1) * lanes
    this.replay = new Replay(Math.min(capacity, needed), lanes, this.#width, this.#range)
    this.#time = saved?.['time'].data[0] ?? 0
  }

  /** Environment steps lived. */
  get lived(): number {
    return this.#time * this.#lanes.length
  }

  /** Everything that the next step depends on but the networks and the replay. */
  save(): StoredTensors {
    return {
      noise: line(Float64Array.of(this.#noise.position)),
      time: line(Float64Array.of(this.#time)),
      ...savedLanes(this.#lanes)
    }
  }

  /** Fills the replay of a training that goes on: whole episodes in order, then those that the lanes are in. */
  async remember(episodes: AsyncIterable<LivedEpisode>): Promise<void> {
    const times = this.#lanes.map(() => 0)
    for await (const episode of episodes) {
      const lane = episode.lane ?? 0
      this.replay.putSteps(lane, times[lane], { ...episode, terminated: episode.endReason === 'terminated' })
      times[lane] += episode.length
    }
    this.#lanes.forEach((lane, index) => this.replay.putSteps(index, times[index], lane.unfinished()))
  }

  /** One step of every lane. @param of the policy; null for uniform random actions */
  async step(of: Distribution | null, onEpisode: (episode: LivedEpisode) => void): Promise<void> {
    const rows = new Float32Array(this.#lanes.length * this.#width)
    this.#lanes.forEach((lane, index) => rows.set(lane.observation, index * this.#width))
    const squashed = of === null ? this.#uniform() : this.#drawn(await of(rows))
    const size = this.#range.half.length
    const { centre, half } = this.#range
    this.#lanes.forEach((lane, index) => {
      const own = squashed.subarray(index * size, (index + 1) * size)
      const action = own.map((value, i) => centre[i] + half[i] * value)
      const { reward, ended } = lane.step(action)
      const observation = rows.subarray(index * this.#width, (index + 1) * this.#width)
      const terminated = ended?.endReason === 'terminated'
      this.replay.put(index, this.#time, { observation, action, reward, next: lane.observation, terminated })
      if (ended === null) return
      onEpisode({ ...ended, lane: index })
      lane.restart()
    })
    this.#time++
  }

  #uniform(): Float32Array {
    const count = this.#lanes.length * this.#range.half.length
    return Float32Array.from({ length: count }, () => this.#noise.uniform(-1, 1))
  }

  #drawn({ mean, logStd }: Awaited<ReturnType<Distribution>>): Float32Array {
    return mean.map((value, i) => Math.tanh(value + Math.exp(logStd[i]) * this.#noise.normal()))
  }
}

/** Bytes of memory that a transition takes in the replay; the files of what was lived take about as many. */
export const replayBytes = (environment: Environment): number =>
  (2 * environment.observationSize + actionWidth(environment) + 2) * Float32Array.BYTES_PER_ELEMENT
