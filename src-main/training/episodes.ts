import { join } from 'node:path'
import type { ScoreReference } from '../../src-preload/contract/datasets.ts'
import { mean } from '../base/moments.ts'
import type { Environment } from '../environments/environment.ts'
import { type BatchPolicy, type KeptRollout, rollOut } from '../evaluation/rollouts.ts'
import { normalizedScore } from '../evaluation/scores.ts'
import type { EvaluationMessage } from './messages.ts'
import { rolloutFileName, writeRollout } from './rolloutWriter.ts'

/** Starts are the same for all runs, so the seed of evaluation is no run's. */
const evaluationSeed = 0

/** What the episodes of one run's evaluations have in common; plain data. */
export interface EpisodeSetting {
  readonly environmentId: string
  readonly episodes: number
  /** Episodes kept whole. */
  readonly keep: number
  readonly scoreReference: ScoreReference | null
  /** The run's `rollouts/`. */
  readonly folder: string
}

/** Which policy is evaluated: the step at which it was taken and the active seconds then. */
export interface PolicyMoment {
  readonly step: number
  readonly seconds: number
}

/**
 * Runs the episodes of a policy; the rollout files are in place when it returns.
 * @param alive called at every step of the environment
 * @throws the signal's reason when aborted, UserError('disk-full' | 'io-error')
 */
export async function runEpisodes(
  setting: EpisodeSetting,
  environment: Environment,
  policy: BatchPolicy,
  { step, seconds }: PolicyMoment,
  around: { readonly signal?: AbortSignal; readonly alive?: () => void } = {}
): Promise<EvaluationMessage> {
  const { episodes, keep, scoreReference } = setting
  const options = { episodes, keep, seed: evaluationSeed, ...around }
  const result = await rollOut(environment, policy, options)
  const { returns, lengths, outcomes, failedEpisodes } = result
  return {
    ...{ step, seconds, returns, lengths, outcomes, failedEpisodes },
    // An episode that failed makes the mean NaN, and NaN is shown.
    score: scoreReference && normalizedScore(mean(returns), scoreReference),
    rollouts: await keepRollouts(setting, environment, step, result.rollouts)
  }
}

async function keepRollouts(
  { folder }: EpisodeSetting,
  environment: Environment,
  step: number,
  rollouts: readonly KeptRollout[]
): Promise<EvaluationMessage['rollouts']> {
  const discrete = environment.actions.kind === 'discrete'
  const kept = []
  for (const rollout of rollouts) {
    const file = rolloutFileName(step, rollout.episode)
    await writeRollout(join(folder, file), { environmentId: environment.id, step, discrete }, rollout)
    kept.push({ episode: rollout.episode, file, return: rollout.return, outcome: rollout.outcome })
  }
  return kept
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
