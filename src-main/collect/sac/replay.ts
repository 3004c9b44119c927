import type { LivedEpisode } from '../lanes.ts'

/** The columns of a number of sampled transitions, row-major. */
export type SampledColumns = Readonly<
  Record<'observations' | 'actions' | 'rewards' | 'nonTerminal' | 'nextObservations', Float32Array>
>

/** Where actions lie: a = centre + half * squashed. */
export interface ActionRange {
  /** [A] */
  readonly centre: Float32Array
  /** [A] */
  readonly half: Float32Array
}

/** What was lived up to now of an episode, or all of it. */
export type LivedSteps = Pick<LivedEpisode, 'observations' | 'actions' | 'rewards' | 'length'> & {
  readonly terminated: boolean
}

/** The newest transitions of all lanes; that of lane l at time t is number t * lanes + l, so that it can be filled again in any order of lanes. */
export class Replay {
  readonly #lanes: number
  readonly #capacity: number
  readonly #range: ActionRange
  readonly #width: number
  readonly #columns: SampledColumns

  constructor(capacity: number, lanes: number, observationSize: number, range: ActionRange) {
    this.#lanes = lanes
    this.#capacity = capacity
    this.#range = range
    this.#width = observationSize
    const rows = (width: number): Float32Array => new Float32Array(capacity * width)
    this.#columns = {
      observations: rows(observationSize),
      actions: rows(range.half.length),
      rewards: rows(1),
      nonTerminal: rows(1),
      nextObservations: rows(observationSize)
    }
  }

  /** Transitions that can be drawn after so many steps of all lanes. */
  size(steps: number): number {
    return Math.min(steps, this.#capacity)
  }

  /** Puts a transition of a lane at a time; actions as the environment took them. */
  put(
    lane: number,
    time: number,
    {
      observation,
      action,
      reward,
      next,
      terminated
    }: {
      readonly observation: Float32Array
      readonly action: Float32Array
      readonly reward: number
      readonly next: Float32Array
      readonly terminated: boolean
    }
  ): void {
    const row = (time * this.#lanes + lane) % this.#capacity
    const { observations, actions, rewards, nonTerminal, nextObservations } = this.#columns
    const { centre, half } = this.#range
    observations.set(observation, row * this.#width)
    nextObservations.set(next, row * this.#width)
    for (let i = 0; i < half.length; i++) actions[row * half.length + i] = (action[i] - centre[i]) / half[i]
    rewards[row] = reward
    nonTerminal[row] = terminated ? 0 : 1
  }

  /** Puts the steps of a lane from a time on. */
  putSteps(
    lane: number,
    time: number,
    { observations, actions, rewards, length, terminated }: LivedSteps
  ): void {
    const size = this.#range.half.length
    const state = (t: number): Float32Array => observations.subarray(t * this.#width, (t + 1) * this.#width)
    for (let t = 0; t < length; t++)
      this.put(lane, time + t, {
        observation: state(t),
        action: actions.subarray(t * size, (t + 1) * size),
        reward: rewards[t],
        next: state(t + 1),
        terminated: terminated && t === length - 1
      })
  }

  /** Copies of the rows drawn. */
  gather(rows: Int32Array): SampledColumns {
    const picked = (column: Float32Array): Float32Array => {
      const width = column.length / this.#capacity
      const out = new Float32Array(rows.length * width)
      for (let i = 0; i < rows.length; i++)
        for (let j = 0; j < width; j++) out[i * width + j] = column[rows[i] * width + j]
      return out
    }
    const { observations, actions, rewards, nonTerminal, nextObservations } = this.#columns
    return {
      observations: picked(observations),
      actions: picked(actions),
      rewards: picked(rewards),
      nonTerminal: picked(nonTerminal),
      nextObservations: picked(nextObservations)
    }
  }
}
