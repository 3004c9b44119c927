import { RandomSequence } from '../base/random.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'
import { RolloutRecord } from '../evaluation/rolloutRecords.ts'
import { isSane } from '../evaluation/rollouts.ts'

/** What a lane hands over when an episode ends; arrays are row-major. */
export interface LivedEpisode {
  readonly length: number
  readonly return: number
  readonly endReason: 'terminated' | 'truncated'
  /** [T + 1, observation size] */
  readonly observations: Float32Array
  /** [T, action size], as the environment took them */
  readonly actions: Float32Array
  /** [T] */
  readonly rewards: Float32Array
  /** qpos [T + 1, nq] of robots */
  readonly positions: Float32Array | null
  /** qvel [T + 1, nv] of robots */
  readonly velocities: Float32Array | null
  /** Which of the environments side by side it was, where the learner needs to know. */
  readonly lane?: number
}

/** Where a lane is: the actions of its present episode lead there again, bit for bit. */
export interface LanePlace {
  readonly episode: number
  /** [steps so far, action size], as the environment took them */
  readonly actions: Float32Array
}

/** One environment that starts anew by itself; episode e of lane l starts and goes on by numbers of (seed, l, e). */
export class Lane {
  readonly #environment: Environment
  readonly #address: { readonly seed: number; readonly stream: string }
  readonly #state: Float64Array
  /** The state before the present step. */
  readonly #before: Float64Array
  /** The present observation. */
  readonly observation: Float32Array
  #record: RolloutRecord
  #random: RandomSequence
  #episode = 0
  #length = 0

  /** @param place where an earlier lane of the same seed and stream was; the first start when absent */
  constructor(environment: Environment, seed: number, stream: string, place?: LanePlace) {
    this.#environment = environment
    this.#address = { seed, stream }
    this.#state = new Float64Array(environment.stateSize)
    this.#before = new Float64Array(environment.stateSize)
    this.observation = new Float32Array(environment.observationSize)
    this.#episode = place?.episode ?? 0
    this.#random = this.#reset()
    this.#record = new RolloutRecord(environment, this.#state, this.observation)
    const width = actionWidth(environment)
    for (let at = 0; at < (place?.actions.length ?? 0); at += width)
      this.step(place!.actions.subarray(at, at + width))
  }

  /** What the constructor goes on from; not between an episode's end and `restart`. */
  place(): LanePlace {
    return { episode: this.#episode - 1, actions: this.#record.actions.all() }
  }

  /** Sets the state to the next episode's start; its random numbers go on from there. */
  #reset(): RandomSequence {
    const { seed, stream } = this.#address
    const random = new RandomSequence(seed, `${stream}/${this.#episode++}`)
    this.#environment.reset(this.#state, random)
    this.#environment.observe(this.#state, this.observation)
    this.#length = 0
    return random
  }

  /** The episode that it is in, as far as it has come. */
  unfinished() {
    const { observations, actions, rewards } = this.#record
    return {
      ...{ length: this.#length, terminated: false },
      observations: observations.all(),
      actions: actions.all(),
      rewards: Float32Array.from(rewards.all())
    }
  }

  /**
   * Takes an action, clipped to the bounds. After an episode's end `observation` is its last one until `restart`. A step whose state
   * explodes ends the episode as terminated where it was, unpaid: numbers that are none would spoil all that is learned of them.
   * @returns the finished episode, or null while it goes on
   */
  step(action: Float32Array): { readonly reward: number; readonly ended: LivedEpisode | null } {
    const environment = this.#environment
    const taken = clipped(environment, action)
    this.#before.set(this.#state)
    const { reward: paid, terminated } = environment.step(this.#state, taken, this.#random)
    const isBroken = !isSane(this.#state)
    if (isBroken) this.#state.set(this.#before)
    const reward = isBroken ? 0 : paid
    this.#length++
    environment.observe(this.#state, this.observation)
    this.#record.add(taken, reward)
    if (terminated || isBroken) return { reward, ended: this.#finish('terminated') }
    if (this.#length >= environment.maxSteps) return { reward, ended: this.#finish('truncated') }
    return { reward, ended: null }
  }

  #finish(endReason: LivedEpisode['endReason']): LivedEpisode {
    const { observations, actions, positions, velocities } = this.#record
    const rewards = this.#record.rewards.all()
    const robot = this.#environment.robot !== undefined
    return {
      length: this.#length,
      return: rewards.reduce((sum, reward) => sum + reward, 0),
      endReason,
      observations: observations.all(),
      actions: actions.all(),
      rewards: Float32Array.from(rewards),
      positions: robot ? positions.all() : null,
      velocities: robot ? velocities.all() : null
    }
  }

  /** Starts the next episode. */
  restart(): void {
    this.#random = this.#reset()
    this.#record = new RolloutRecord(this.#environment, this.#state, this.observation)
  }
}

function clipped({ actions }: Environment, action: Float32Array): Float32Array {
  if (actions.kind === 'discrete') return action.slice()
  return action.map((value, i) => Math.min(Math.max(value, actions.low[i]), actions.high[i]))
}
