import { setImmediate } from 'node:timers/promises'
import { invariant } from '../base/errors.ts'
import { RandomSequence } from '../base/random.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'

/** A policy that acts for all episodes at once; `size` rows a call, always the same number. */
export interface BatchPolicy {
  /**
   * @param observations [size, observation size] as the environment gives them; rows of finished episodes repeat their last one
   * @returns [size, action size] in the environment's own units, or [size] whole numbers for discrete actions
   */
  readonly act: (observations: Float32Array) => Promise<Float32Array>
  /**
   * Values of given observations and actions, [size] each, in raw reward units; only what the algorithm has.
   * @param observations [size, observation size]
   * @param actions [size, action size], or [size] for discrete actions
   */
  readonly values?: (
    observations: Float32Array,
    actions: Float32Array
  ) => Promise<{ readonly q?: Float32Array; readonly v?: Float32Array }>
}

export interface RolloutOptions {
  /** Episodes run in lock step: the `size` of every call to the policy. */
  readonly episodes: number
  /** Start and noise of episode i depend on this seed and i alone, so they are equal for all policies. */
  readonly seed: number
  /** Keep the first so many episodes whole. */
  readonly keep: number
  readonly signal?: AbortSignal
  /** Called before each call to the policy and after each step of an environment. */
  readonly alive?: () => void
}

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
  /** `qpos` of a simulated robot, [T + 1, nq] */
  readonly positions: Float32Array | null
}

export interface RolloutResult {
  /** Undiscounted, [episodes]; NaN for failed episodes */
  readonly returns: Float64Array
  /** Steps until the end or the failure, [episodes] */
  readonly lengths: Int32Array
  /** The environment's outcome words, or `failed`, [episodes] */
  readonly outcomes: readonly string[]
  readonly failedEpisodes: number
  readonly rollouts: readonly KeptRollout[]
}

/** A state component beyond this is an exploded simulation, not a place. */
const explodedBeyond = 1e8
/** Environment steps between two yields to the event loop, so that messages are answered while a simulation runs. */
const stepsPerTurn = 512

interface Episode {
  readonly index: number
  readonly state: Float64Array
  /** Its row of the batch, overwritten at each step. */
  readonly observation: Float32Array
  readonly random: RandomSequence
  readonly record: {
    readonly observations: Float32Array[]
    readonly actions: Float32Array[]
    readonly rewards: number[]
    /** `qpos` of robots after each step; empty for other environments. */
    readonly positions: Float32Array[]
  } | null
  length: number
  total: number
  end: 'running' | 'terminated' | 'truncated' | 'failed'
}

/** The `qpos` of a robot's state as a list of one; empty for environments that are none. */
const positionsOf = ({ robot }: Environment, state: Float64Array): Float32Array[] =>
  robot === undefined ? [] : [Float32Array.from(state.subarray(0, robot.positionSize))]

function begin(
  environment: Environment,
  index: number,
  observation: Float32Array,
  options: RolloutOptions
): Episode {
  const state = new Float64Array(environment.stateSize)
  environment.reset(state, new RandomSequence(options.seed, `evaluation/start/${index}`))
  environment.observe(state, observation)
  return {
    index,
    state,
    observation,
    random: new RandomSequence(options.seed, `evaluation/step/${index}`),
    record:
      index < options.keep
        ? {
            observations: [observation.slice()],
            actions: [],
            rewards: [],
            positions: positionsOf(environment, state)
          }
        : null,
    length: 0,
    total: 0,
    end: 'running'
  }
}

const isSane = (values: Float64Array | Float32Array): boolean =>
  values.every(value => Math.abs(value) <= explodedBeyond)

/** False for an action that no simulator may see: not a number, or not one of the choices. */
function isPlayable(environment: Environment, action: Float32Array): boolean {
  if (environment.actions.kind === 'continuous') return action.every(Number.isFinite)
  return Number.isInteger(action[0]) && action[0] >= 0 && action[0] < environment.actions.count
}

/** Advances one episode and its row of observations; a failure ends it where it happened. */
function advance(environment: Environment, episode: Episode, action: Float32Array): void {
  if (!isPlayable(environment, action)) {
    episode.end = 'failed'
    return
  }
  const { reward, terminated } = environment.step(episode.state, action, episode.random)
  environment.observe(episode.state, episode.observation)
  episode.length++
  episode.total += reward
  episode.record?.actions.push(action)
  episode.record?.rewards.push(reward)
  episode.record?.observations.push(episode.observation.slice())
  episode.record?.positions.push(...positionsOf(environment, episode.state))
  if (!isSane(episode.state) || !isSane(episode.observation) || !Number.isFinite(reward))
    episode.end = 'failed'
  else if (terminated) episode.end = 'terminated'
  else if (episode.length >= environment.maxSteps) episode.end = 'truncated'
}

const outcomeOf = (environment: Environment, episode: Episode): string =>
  episode.end === 'failed' ? 'failed' : environment.outcome(episode.state, episode.end === 'terminated')

const returnOf = (episode: Episode): number => (episode.end === 'failed' ? NaN : episode.total)

function concatenate(parts: readonly Float32Array[], width: number): Float32Array {
  const joined = new Float32Array(parts.length * width)
  parts.forEach((part, index) => joined.set(part, index * width))
  return joined
}

/** Queries the values of `count` rows in calls of exactly `size` rows, the last one padded with zeros. */
async function queryValues(
  values: NonNullable<BatchPolicy['values']>,
  observations: Float32Array,
  actions: Float32Array,
  count: number,
  size: number
): Promise<{ q: Float32Array | null; v: Float32Array | null }> {
  const observationWidth = observations.length / count
  const actionSize = actions.length / count
  const q = new Float32Array(count)
  const v = new Float32Array(count)
  let has = { q: false, v: false }
  for (let first = 0; first < count; first += size) {
    const rows = Math.min(size, count - first)
    const observationRows = new Float32Array(size * observationWidth)
    observationRows.set(observations.subarray(first * observationWidth, (first + rows) * observationWidth))
    const actionRows = new Float32Array(size * actionSize)
    actionRows.set(actions.subarray(first * actionSize, (first + rows) * actionSize))
    const answer = await values(observationRows, actionRows)
    if (answer.q !== undefined) q.set(answer.q.subarray(0, rows), first)
    if (answer.v !== undefined) v.set(answer.v.subarray(0, rows), first)
    has = { q: answer.q !== undefined, v: answer.v !== undefined }
  }
  return { q: has.q ? q : null, v: has.v ? v : null }
}

/** All kept episodes as one set of rows, so that their values are queried in few full batches. */
async function keepWhole(
  environment: Environment,
  episodes: readonly Episode[],
  policy: BatchPolicy,
  size: number
): Promise<KeptRollout[]> {
  const kept = episodes.filter(episode => episode.record !== null)
  const rows = kept.reduce((sum, episode) => sum + episode.length, 0)
  const actionSize = actionWidth(environment)
  const steps = kept.flatMap(episode => (episode.record?.observations ?? []).slice(0, episode.length))
  const actions = kept.flatMap(episode => episode.record?.actions ?? [])
  const values =
    policy.values === undefined || rows === 0
      ? { q: null, v: null }
      : await queryValues(
          policy.values,
          concatenate(steps, environment.observationSize),
          concatenate(actions, actionSize),
          rows,
          size
        )
  let first = 0
  return kept.map(episode => {
    const from = first
    first += episode.length
    return {
      episode: episode.index,
      length: episode.length,
      return: returnOf(episode),
      outcome: outcomeOf(environment, episode),
      terminated: episode.end === 'terminated',
      observations: concatenate(episode.record?.observations ?? [], environment.observationSize),
      actions: concatenate(episode.record?.actions ?? [], actionSize),
      rewards: Float64Array.from(episode.record?.rewards ?? []),
      q: values.q?.slice(from, first) ?? null,
      v: values.v?.slice(from, first) ?? null,
      positions: environment.robot
        ? concatenate(episode.record?.positions ?? [], environment.robot.positionSize)
        : null
    }
  })
}

/**
 * Runs a policy for a number of episodes in lock step: one policy call acts for all of them, and shapes never change
 * because finished episodes stay in the batch with their last observation.
 * @returns returns, lengths, outcomes and the kept rollouts; an episode with a non-finite action, state or reward counts as
 *   failed, with return NaN
 * @throws the signal's reason when aborted
 */
export async function rollOut(
  environment: Environment,
  policy: BatchPolicy,
  options: RolloutOptions
): Promise<RolloutResult> {
  await environment.prepare?.()
  const width = environment.observationSize
  const actionSize = actionWidth(environment)
  const observations = new Float32Array(options.episodes * width)
  const episodes = Array.from({ length: options.episodes }, (_, index) =>
    begin(environment, index, observations.subarray(index * width, (index + 1) * width), options)
  )
  let sinceYield = 0
  let running = episodes
  while (running.length > 0) {
    options.signal?.throwIfAborted()
    options.alive?.()
    const actions = await policy.act(observations.slice())
    invariant(actions.length === options.episodes * actionSize, `policy gave ${actions.length} action values`)
    for (const episode of running) {
      advance(
        environment,
        episode,
        actions.slice(episode.index * actionSize, (episode.index + 1) * actionSize)
      )
      options.alive?.()
    }
    sinceYield += running.length
    running = running.filter(episode => episode.end === 'running')
    if (sinceYield >= stepsPerTurn) {
      await setImmediate()
      sinceYield = 0
    }
  }
  return {
    returns: Float64Array.from(episodes, returnOf),
    lengths: Int32Array.from(episodes, episode => episode.length),
    outcomes: episodes.map(episode => outcomeOf(environment, episode)),
    failedEpisodes: episodes.filter(episode => episode.end === 'failed').length,
    rollouts: await keepWhole(environment, episodes, policy, options.episodes)
  }
}
