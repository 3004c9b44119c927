import type { EpisodeGoal } from '../../src-preload/contract/evaluations.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'
import { returnsToGo } from './returnsToGo.ts'
import type { BatchPolicy, ReturnToGo } from './rolloutPolicy.ts'

/** One whole episode of a policy. */
export interface KeptRollout {
  readonly episode: number
  readonly length: number
  readonly return: number
  readonly outcome: string
  readonly terminated: boolean
  /** [T + 1, observation size] */
  readonly observations: Float32Array
  /** [T, action size], or [T] for discrete actions */
  readonly actions: Float32Array
  /** [T] */
  readonly rewards: Float64Array
  /** Q(s_t, a_t) of the taken actions, [T]; null without a value query that has it */
  readonly q: Float32Array | null
  /** V(s_t), [T] */
  readonly v: Float32Array | null
  /**
   * For policies with V and no Q: the realised discounted return from t, V(s_T) standing for what a time limit cut off, minus
   * V(s_t), [T]; NaN for failed episodes. Null where q - v is the advantage, and without V.
   */
  readonly returnAdvantage: Float32Array | null
  /** `qpos` and `qvel` of a simulated robot, [T + 1, nq] and [T + 1, nv] */
  readonly positions: Float32Array | null
  readonly velocities: Float32Array | null
  /** Its own goal; null where all episodes have the same one, or none. */
  readonly goal: EpisodeGoal | null
}

/** Numbers that come one step after the other; room doubles when it is full. */
class Series<A extends Float32Array | Float64Array> {
  #values: A
  #length = 0

  constructor(values: A) {
    this.#values = values
  }

  add(values: ArrayLike<number>): void {
    const needed = this.#length + values.length
    if (needed > this.#values.length) {
      const wider = new (this.#values.constructor as new (length: number) => A)(2 * needed)
      wider.set(this.#values)
      this.#values = wider
    }
    for (let i = 0; i < values.length; i++) this.#values[this.#length + i] = values[i]
    this.#length = needed
  }

  /** A copy of what has come. */
  all(): A {
    return this.#values.slice(0, this.#length) as A
  }
}

const floats = (): Series<Float32Array> => new Series(new Float32Array(0))

/** What is written down of an episode while it runs, starting with its first state. */
export class RolloutRecord {
  readonly environment: Environment
  readonly #observation: Float32Array
  /** Windows of the state, and what they showed; null for what is no robot. */
  readonly #robot: { readonly qpos: Float64Array; readonly qvel: Float64Array } | null
  readonly goal: EpisodeGoal | null
  readonly #reward = new Float64Array(1)
  readonly observations = floats()
  readonly actions = floats()
  readonly rewards = new Series(new Float64Array(0))
  readonly positions = floats()
  readonly velocities = floats()

  /** @param state and @param observation are the episode's own, read at each `add` */
  constructor(environment: Environment, state: Float64Array, observation: Float32Array) {
    const { robot } = environment
    this.environment = environment
    this.goal = environment.goalOf?.(state) ?? null
    this.#observation = observation
    this.#robot = robot
      ? {
          qpos: state.subarray(0, robot.positionSize),
          qvel: state.subarray(robot.positionSize, robot.positionSize + robot.velocitySize)
        }
      : null
    this.#addState()
  }

  /** Writes down a step that has been taken. */
  add(action: Float32Array, reward: number): void {
    this.#reward[0] = reward
    this.actions.add(action)
    this.rewards.add(this.#reward)
    this.#addState()
  }

  #addState(): void {
    this.observations.add(this.#observation)
    if (this.#robot === null) return
    this.positions.add(this.#robot.qpos)
    this.velocities.add(this.#robot.qvel)
  }
}

/** An episode that has ended, with its record. */
export interface Recorded {
  readonly index: number
  readonly record: RolloutRecord
  readonly length: number
  readonly return: number
  readonly outcome: string
  readonly end: 'running' | 'terminated' | 'truncated' | 'failed'
}

interface Values {
  /** [T + 1]; the last Q is of no action that was taken. */
  readonly q: Float32Array | null
  readonly v: Float32Array | null
}

/**
 * Whole rollouts of recorded episodes, with the policy's values.
 * @param rows of a value query where the policy names none
 */
export async function keepWhole(
  episodes: readonly Recorded[],
  policy: BatchPolicy,
  rows: number,
  returnToGo: ReturnToGo | null
): Promise<KeptRollout[]> {
  const values = await valuesOf(episodes, policy, policy.valueRows ?? rows)
  let first = 0
  return episodes.map(episode => {
    const { index, record, length, outcome, end } = episode
    const [from, to] = [first, first + length + 1]
    first = to
    const own = { q: values.q?.subarray(from, to) ?? null, v: values.v?.subarray(from, to) ?? null }
    const rewards = record.rewards.all()
    const isRobot = record.environment.robot !== undefined
    return {
      ...{ episode: index, length, return: episode.return, outcome, terminated: end === 'terminated' },
      ...{ observations: record.observations.all(), actions: record.actions.all(), rewards },
      q: own.q?.slice(0, length) ?? null,
      v: own.v?.slice(0, length) ?? null,
      returnAdvantage: returnToGo && advantagesOf(end, rewards, own, returnToGo),
      positions: isRobot ? record.positions.all() : null,
      velocities: isRobot ? record.velocities.all() : null,
      goal: record.goal
    }
  })
}

function advantagesOf(
  end: Recorded['end'],
  rewards: Float64Array,
  { q, v }: Values,
  { discount, shift }: ReturnToGo
): Float32Array | null {
  if (q !== null || v === null) return null
  const rest = end === 'terminated' ? 0 : end === 'failed' ? NaN : v[rewards.length]
  const returns = returnsToGo(
    rewards.map(reward => reward + shift),
    discount,
    rest
  )
  return Float32Array.from(returns, (value, t) => value - v[t])
}

/** The values of all episodes' T + 1 observations as one set of rows, so that they are queried in few full calls. */
async function valuesOf(episodes: readonly Recorded[], policy: BatchPolicy, rows: number): Promise<Values> {
  if (policy.values === undefined || episodes.length === 0) return { q: null, v: null }
  const { environment } = episodes[0].record
  const [width, actionSize] = [environment.observationSize, actionWidth(environment)]
  const count = episodes.reduce((sum, { length }) => sum + length + 1, 0)
  const padded = Math.ceil(count / rows) * rows
  const observations = new Float32Array(padded * width)
  const actions = new Float32Array(padded * actionSize)
  let at = 0
  for (const { record, length } of episodes) {
    observations.set(record.observations.all(), at * width)
    actions.set(record.actions.all(), at * actionSize)
    at += length + 1
  }
  const q = new Float32Array(padded)
  const v = new Float32Array(padded)
  let has = { q: false, v: false }
  for (let first = 0; first < padded; first += rows) {
    const answer = await policy.values(
      observations.subarray(first * width, (first + rows) * width),
      actions.subarray(first * actionSize, (first + rows) * actionSize)
    )
    if (answer.q !== undefined) q.set(answer.q, first)
    if (answer.v !== undefined) v.set(answer.v, first)
    has = { q: answer.q !== undefined, v: answer.v !== undefined }
  }
  return { q: has.q ? q : null, v: has.v ? v : null }
}
