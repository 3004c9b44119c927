import type { StoredTensors, TensorArray } from '../base/safetensors.ts'
import type { HostTensors } from '../base/tensors.ts'
import { UserError } from '../base/errors.ts'
import type { Engine, RunRequest, Session } from '../compute/engine.ts'
import type { Environment } from '../environments/environment.ts'
import { rollOut } from '../evaluation/rollouts.ts'
import type { Behaviour } from './behaviour.ts'
import type { LivedEpisode } from './lanes.ts'
import { normaliseRows } from './runningMoments.ts'
import type { ObservationScale } from './runningMoments.ts'

/** Threads inside an operation of any learner. Two policies are trained faster side by side than one on two threads. */
export const learnerThreads = 1

/** What every learner is asked. */
export interface LearnRequest {
  readonly environment: Environment
  readonly engine: Engine
  readonly seed: number
  /** Environment steps. */
  readonly steps: number
  /** Environment steps between two checkpoints. */
  readonly checkpointEvery: number
  readonly evaluationEpisodes: number
  /** Told of every episode that ends, in order. */
  readonly onEpisode: (episode: LivedEpisode) => void
  /** Told of the environment steps lived so far, now and then. */
  readonly onProgress?: (lived: number) => void
  /** What a training of an equal request reached; it goes on as if it had never ended. */
  readonly saved?: StoredTensors | undefined
  /** The episodes that ended until `saved`, in order. */
  readonly lived: () => AsyncIterable<LivedEpisode>
  /** Ends the training soon, with what was reached. */
  readonly signal?: AbortSignal | undefined
}

/** What a learner yields at every checkpoint and at the end. */
export interface Reached {
  readonly behaviour: Behaviour
  /** What another training goes on from. */
  readonly saved: StoredTensors
  /** True where the training was told to end here, between two checkpoints. */
  readonly early: boolean
}

export type Learn = (request: LearnRequest) => AsyncGenerator<Reached>

/** An array as a tensor of one dimension. */
export const line = <A extends TensorArray>(data: A): { shape: number[]; data: A } => ({
  shape: [data.length],
  data
})

/** Stored float32 tensors as engines take them. */
export const hostTensors = (stored: StoredTensors): HostTensors =>
  Object.fromEntries(
    Object.entries(stored).map(([name, { shape, data }]) => [
      name,
      { shape: [...shape], dtype: 'float32' as const, data: data as Float32Array }
    ])
  )

/** Returns of actions without noise, from starts that are the same for all policies. @param act of normalised observations */
export async function returnsOf(
  { environment, evaluationEpisodes: episodes }: LearnRequest,
  scale: ObservationScale,
  act: (observations: Float32Array) => Promise<Float32Array>
): Promise<readonly number[]> {
  const policy = { act: (rows: Float32Array) => act(normaliseRows(scale, rows.slice())) }
  const { returns } = await rollOut(environment, policy, { episodes, seed: 0, keep: 0 })
  return [...returns]
}

/**
 * Takes gradient steps.
 * @param lived environment steps, for the sentence
 * @throws UserError('non-finite') where one of them leaves a number that is none: nothing sensible is learned from there on
 */
export async function takeSteps(session: Session, request: RunRequest, lived: number): Promise<void> {
  const { finite } = await session.run(request)
  const bad = finite.indexOf(0)
  if (bad < 0) return
  throw new UserError(
    'non-finite',
    `gradient step ${bad + 1} of ${request.steps} after ${lived} environment steps left numbers that are not finite; the checkpoints from before stay, and going on from them comes to the same: train it with another seed`
  )
}

/** When checkpoints are due; `at` is all there is to save. */
export class Schedule {
  readonly #every: number
  readonly #end: number
  at: number

  constructor({ checkpointEvery, steps }: Pick<LearnRequest, 'checkpointEvery' | 'steps'>, at?: number) {
    this.#every = checkpointEvery
    this.#end = steps
    this.at = at ?? checkpointEvery
  }

  isOver(lived: number): boolean {
    return lived >= this.#end
  }

  /** Whether a checkpoint is due, by its time or at the end; the next is then one interval on. */
  takes(lived: number): boolean {
    const due = lived >= this.at
    while (lived >= this.at) this.at += this.#every
    return due || this.isOver(lived)
  }
}

/** A training as the loop of all learners sees it. */
export interface Learning {
  readonly schedule: Schedule
  /** Environment steps so far. */
  lived(): number
  /** Lives on a while, and learns from it. */
  iterate(): Promise<void>
  /** The policy of the moment, measured. */
  reached(): Promise<Behaviour>
  /** What another training goes on from. */
  save(): StoredTensors
}

/** Learns until the end or until it is stopped; yields what was reached when a checkpoint is due, and when it is stopped. */
export async function* learnOn(request: LearnRequest, learning: Learning): AsyncGenerator<Reached> {
  const { schedule } = learning
  while (!schedule.isOver(learning.lived())) {
    await learning.iterate()
    const lived = learning.lived()
    request.onProgress?.(lived)
    const due = schedule.takes(lived)
    const isStopped = request.signal?.aborted === true
    if (!due && !isStopped) continue
    yield { behaviour: await learning.reached(), saved: learning.save(), early: !due }
    if (isStopped) return
  }
}
