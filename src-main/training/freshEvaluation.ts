import type { FreshEvaluation } from '../../src-preload/contract/evaluations.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { UserError } from '../base/errors.ts'
import { mean, sampleDeviation } from '../base/moments.ts'
import { getRun } from '../store/runs.ts'
import { askTrainer } from './askTrainer.ts'
import { checkpointOf } from './export.ts'
import type { EvaluationRequest, SupervisorDependencies } from './supervisorInterface.ts'

/**
 * Evaluates a checkpoint's policy in a process of its own; nothing is stored.
 * @throws UserError('not-found') without the run or the checkpoint, UserError('unsupported') without an environment
 */
export async function evaluateRun(
  { db, home, processes }: SupervisorDependencies,
  { id, checkpointStep, episodes }: EvaluationRequest,
  signal: AbortSignal
): Promise<FreshEvaluation> {
  const run = getRun(db, id)
  if (run.environmentId === null) {
    throw new UserError(
      'unsupported',
      `the run "${run.name}" has no environment to evaluate in: dataset "${run.datasetName}" belongs to none that is simulated here`
    )
  }
  const { job, file } = checkpointOf(db, home, run, checkpointStep, 'evaluate')
  const question = { kind: 'evaluate', job, checkpoint: file, episodes } as const
  const failure = `the policy of "${run.name}" could not be evaluated`
  const { evaluation } = await askTrainer(processes, question, 'evaluated', failure, signal)
  const { returns, lengths, outcomes, failedEpisodes, score, step } = evaluation
  return {
    ...{ runId: id, step, episodes: returns.length, outcomes: [...outcomes], failedEpisodes },
    returns: Array.from(returns, toScalar),
    lengths: [...lengths],
    meanReturn: toScalar(mean(returns)),
    standardDeviation: toScalar(sampleDeviation(returns)),
    meanLength: toScalar(mean(lengths)),
    score: score === null ? null : toScalar(score)
  }
}
