import { setImmediate } from 'node:timers/promises'
import { invariant } from '../base/errors.ts'
import { RandomSequence } from '../base/random.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'
import type { BatchPolicy, ReturnToGo } from './rolloutPolicy.ts'
import { type KeptRollout, keepWhole, type Recorded, RolloutRecord } from './rolloutRecords.ts'

export type { BatchPolicy, ReturnToGo } from './rolloutPolicy.ts'
export type { KeptRollout } from './rolloutRecords.ts'

export interface RolloutOptions {
  /** Episodes run in lock step. */
  readonly episodes: number
  /** Index of the first one; 0 when absent. */
  readonly first?: number
  /** Rows of every call to the policy, at least `episodes`, which is meant when absent. */
  readonly rows?: number
  /** Start and noise of episode i depend on this seed and i alone, so they are equal for all policies. */
  readonly seed: number
  /** Episodes with a smaller index are kept whole. */
  readonly keep: number
  /** Null or absent: a policy without Q has no advantages. */
  readonly returnToGo?: ReturnToGo | null
  readonly signal?: AbortSignal
  /** Called before each call to the policy and after each step of an environment. */
  readonly alive?: () => void
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

/** One episode on its row of the batch; everything that a step needs is made here, once. */
class Episode {
  readonly index: number
  readonly state: Float64Array
  /** Its row of the batch, overwritten at each step. */
  readonly observation: Float32Array
  readonly action: Float32Array
  readonly random: RandomSequence
  readonly record: RolloutRecord | null
  length = 0
  total = 0
  end: 'running' | 'terminated' | 'truncated' | 'failed' = 'running'

  constructor(environment: Environment, index: number, observation: Float32Array, options: RolloutOptions) {
    this.index = index
    this.observation = observation
    this.state = new Float64Array(environment.stateSize)
    this.action = new Float32Array(actionWidth(environment))
    this.random = new RandomSequence(options.seed, `evaluation/step/${index}`)
    environment.reset(this.state, new RandomSequence(options.seed, `evaluation/start/${index}`))
    environment.observe(this.state, observation)
    this.record = index < options.keep ? new RolloutRecord(environment, this.state, observation) : null
  }
}

/** Whether numbers are those of a simulation that has not exploded. */
export function isSane(values: Float64Array | Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= explodedBeyond)) return false
  return true
}

/** False for an action that no simulator may see: not a number, or not one of the choices. */
function isPlayable({ actions }: Environment, action: Float32Array): boolean {
  if (actions.kind === 'discrete')
    return Number.isInteger(action[0]) && action[0] >= 0 && action[0] < actions.count
  for (let i = 0; i < action.length; i++) if (!Number.isFinite(action[i])) return false
  return true
}

/** Advances one episode and its row of observations; a failure ends it where it happened. */
function advance(environment: Environment, episode: Episode): void {
  const { state, observation, action } = episode
  if (!isPlayable(environment, action)) {
    episode.end = 'failed'
    return
  }
  const { reward, terminated } = environment.step(state, action, episode.random)
  environment.observe(state, observation)
  episode.length++
  episode.total += reward
  episode.record?.add(action, reward)
  if (!isSane(state) || !isSane(observation) || !Number.isFinite(reward)) episode.end = 'failed'
  else if (terminated) episode.end = 'terminated'
  else if (episode.length >= environment.maxSteps) episode.end = 'truncated'
}

const outcomeOf = (environment: Environment, episode: Episode): string =>
  episode.end === 'failed' ? 'failed' : environment.outcome(episode.state, episode.end === 'terminated')

const returnOf = (episode: Episode): number => (episode.end === 'failed' ? NaN : episode.total)

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
  const { first = 0, rows = options.episodes } = options
  const width = environment.observationSize
  const observations = new Float32Array(rows * width)
  const episodes = Array.from(
    { length: options.episodes },
    (_, row) =>
      new Episode(environment, first + row, observations.subarray(row * width, (row + 1) * width), options)
  )
  await playAll(environment, policy, episodes, observations, options)
  return {
    returns: Float64Array.from(episodes, returnOf),
    lengths: Int32Array.from(episodes, episode => episode.length),
    outcomes: episodes.map(episode => outcomeOf(environment, episode)),
    failedEpisodes: episodes.filter(episode => episode.end === 'failed').length,
    rollouts: await keepWhole(recorded(environment, episodes), policy, rows, options.returnToGo ?? null)
  }
}

/** Plays the episodes to their ends. The loop makes no array: what a step needs, its episode holds. */
async function playAll(
  environment: Environment,
  policy: BatchPolicy,
  episodes: readonly Episode[],
  observations: Float32Array,
  { first = 0, signal, alive }: RolloutOptions
): Promise<void> {
  const width = actionWidth(environment)
  const rows = observations.length / environment.observationSize
  const running = [...episodes]
  let sinceYield = 0
  while (running.length > 0) {
    signal?.throwIfAborted()
    alive?.()
    const actions = await policy.act(observations)
    invariant(actions.length === rows * width, `policy gave ${actions.length} action values`)
    for (const episode of running) {
      const at = (episode.index - first) * width
      for (let i = 0; i < width; i++) episode.action[i] = actions[at + i]
      advance(environment, episode)
      alive?.()
    }
    sinceYield += running.length
    keepRunning(running)
    if (sinceYield < stepsPerTurn) continue
    await setImmediate()
    sinceYield = 0
  }
}

/** Removes the episodes that have ended, in place and in order. */
function keepRunning(running: Episode[]): void {
  let kept = 0
  for (const episode of running) if (episode.end === 'running') running[kept++] = episode
  running.length = kept
}

const recorded = (environment: Environment, episodes: readonly Episode[]): Recorded[] =>
  episodes.flatMap(episode => {
    const { index, record, length, end } = episode
    const outcome = outcomeOf(environment, episode)
    return record === null ? [] : [{ index, record, length, end, outcome, return: returnOf(episode) }]
  })
