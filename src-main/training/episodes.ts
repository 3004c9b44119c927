import { join } from 'node:path'
import type { ScoreReference } from '../../src-preload/contract/datasets.ts'
import { mean } from '../base/moments.ts'
import type { Environment } from '../environments/environment.ts'
import { type BatchPolicy, type KeptRollout, type ReturnToGo, rollOut } from '../evaluation/rollouts.ts'
import { normalizedScore } from '../evaluation/scores.ts'
import type { EvaluationMessage } from './messages.ts'
import { keepsRollouts, type RolloutSchedule } from './rolloutSchedule.ts'
import { rolloutFileName, writeRollout } from './rolloutWriter.ts'

/** Starts are the same for all runs, so the seed of evaluation is no run's. */
const evaluationSeed = 0

/**
 * Episodes that one policy call acts for. Always so many rows, whatever the number of episodes: a row's bits may depend on the
 * rows of the call, and an episode must not depend on how many others there are or on who plays them. Fewer would cost more a
 * row; more would leave processes idle when there are few episodes.
 */
export const lockStepRows = 5

/** What the episodes of one run's evaluations have in common; plain data. */
export interface EpisodeSetting {
  readonly environmentId: string
  readonly episodes: number
  /** Episodes kept whole. */
  readonly keep: number
  /** Which evaluations keep them; null: every one. */
  readonly schedule: RolloutSchedule | null
  /** For methods that discount. */
  readonly returnToGo: ReturnToGo | null
  readonly scoreReference: ScoreReference | null
  /** The run's `rollouts/`. */
  readonly folder: string
}

/** Which policy is evaluated: the step at which it was taken and the active seconds then. */
export interface PolicyMoment {
  readonly step: number
  readonly seconds: number
}

/** Episodes that are played in lock step. */
export interface EpisodeRange {
  readonly first: number
  readonly count: number
}

/** What became of a range of episodes. */
export type PlayedEpisodes = Pick<
  EvaluationMessage,
  'returns' | 'lengths' | 'outcomes' | 'failedEpisodes' | 'rollouts'
>

/** The episodes of an evaluation in ranges of {@link lockStepRows}; the last may be shorter. */
export const rangesOf = (episodes: number): EpisodeRange[] =>
  Array.from({ length: Math.ceil(episodes / lockStepRows) }, (_, index) => ({
    first: index * lockStepRows,
    count: Math.min(lockStepRows, episodes - index * lockStepRows)
  }))

/**
 * Plays a range of a policy's episodes; the rollout files are in place when it returns.
 * @param policy acts for {@link lockStepRows} rows a call
 * @param around `alive` is called at every step of the environment
 * @throws the signal's reason when aborted, UserError('disk-full' | 'io-error')
 */
export async function playRange(
  setting: EpisodeSetting,
  environment: Environment,
  policy: BatchPolicy,
  { step }: PolicyMoment,
  { first, count }: EpisodeRange,
  around: { readonly signal?: AbortSignal; readonly alive?: () => void } = {}
): Promise<PlayedEpisodes> {
  const { schedule, returnToGo, folder } = setting
  const keep = schedule === null || keepsRollouts(schedule, step) ? setting.keep : 0
  const options = { first, episodes: count, rows: lockStepRows, keep, seed: evaluationSeed, returnToGo }
  const { rollouts, ...played } = await rollOut(environment, policy, { ...options, ...around })
  return { ...played, rollouts: await keepRollouts(folder, environment, step, rollouts) }
}

async function keepRollouts(
  folder: string,
  environment: Environment,
  step: number,
  rollouts: readonly KeptRollout[]
): Promise<EvaluationMessage['rollouts']> {
  const kept = []
  for (const rollout of rollouts) {
    const file = rolloutFileName(step, rollout.episode)
    await writeRollout(join(folder, file), environment, step, rollout)
    kept.push({ episode: rollout.episode, file, return: rollout.return, outcome: rollout.outcome })
  }
  return kept
}

/** The evaluation that ranges make, in the order of their episodes. */
export function evaluationFrom(
  { scoreReference }: Pick<EpisodeSetting, 'scoreReference'>,
  { step, seconds }: PolicyMoment,
  parts: readonly PlayedEpisodes[]
): EvaluationMessage {
  const returns = Float64Array.from(parts.flatMap(part => [...part.returns]))
  return {
    ...{ step, seconds, returns },
    lengths: Int32Array.from(parts.flatMap(part => [...part.lengths])),
    outcomes: parts.flatMap(part => part.outcomes),
    failedEpisodes: parts.reduce((sum, part) => sum + part.failedEpisodes, 0),
    // An episode that failed makes the mean NaN, and NaN is shown.
    score: scoreReference && normalizedScore(mean(returns), scoreReference),
    rollouts: parts.flatMap(part => part.rollouts)
  }
}

/**
 * Plays all episodes of a policy, range after range.
 * @throws as {@link playRange}
 */
export async function runEpisodes(
  setting: EpisodeSetting,
  environment: Environment,
  policy: BatchPolicy,
  at: PolicyMoment,
  around: { readonly signal?: AbortSignal } = {}
): Promise<EvaluationMessage> {
  const parts: PlayedEpisodes[] = []
  for (const range of rangesOf(setting.episodes))
    parts.push(await playRange(setting, environment, policy, at, range, around))
  return evaluationFrom(setting, at, parts)
}

/** An evaluation that could not be made: every episode failed before its first step. */
export function failedEvaluation(
  { episodes, scoreReference }: Pick<EpisodeSetting, 'episodes' | 'scoreReference'>,
  { step, seconds }: PolicyMoment
): EvaluationMessage {
  return {
    ...{ step, seconds, failedEpisodes: episodes, rollouts: [] },
    returns: new Float64Array(episodes).fill(NaN),
    lengths: new Int32Array(episodes),
    outcomes: new Array<string>(episodes).fill('failed'),
    score: scoreReference && NaN
  }
}

/** The points that an evaluation adds to the curves. */
export function evaluationPoints({ returns, lengths, score }: EvaluationMessage): Record<string, number> {
  const played = lengths.some(length => length > 0)
  return {
    'eval/return': mean(returns),
    ...(played && { 'eval/length': mean(lengths) }),
    ...(score !== null && { 'eval/score': score })
  }
}
