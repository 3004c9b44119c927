import type { FreshEvaluation } from '../../src-preload/contract/evaluations.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { UserError } from '../base/errors.ts'
import { mean, sampleDeviation } from '../base/moments.ts'
import { findCheckpoint } from '../store/checkpoints.ts'
import { addRollouts, evaluatedSteps } from '../store/evaluations.ts'
import { activeStates, getRun, listRuns } from '../store/runs.ts'
import { askTrainer } from './askTrainer.ts'
import { checkpointOf } from './export.ts'
import type { EvaluationMessage } from './messages.ts'
import { simulatorsFor } from './simulators.ts'
import type { EvaluationRequest, SupervisorDependencies } from './supervisorInterface.ts'

/**
 * Evaluates a checkpoint's policy in a process of its own. Nothing is stored but the rollouts that were asked for, which join
 * those of the evaluation during training at the same step.
 * @throws UserError('not-found') without the run or the checkpoint, UserError('unsupported') without an environment,
 *   UserError('conflict') when rollouts are to be kept of a step that was not evaluated during training
 */
export async function evaluateRun(
  dependencies: SupervisorDependencies,
  { id, checkpointStep, episodes, keep = 0 }: EvaluationRequest,
  signal: AbortSignal
): Promise<FreshEvaluation> {
  const { db, home, processes, cores, changes } = dependencies
  const run = getRun(db, id)
  if (run.environmentId === null) {
    throw new UserError(
      'unsupported',
      `the run "${run.name}" has no environment to evaluate in: dataset "${run.datasetName}" belongs to none that is simulated here`
    )
  }
  const { job, file } = checkpointOf(db, home, run, checkpointStep, 'evaluate')
  if (keep > 0) checkPlaceFor(dependencies, run, checkpointStep)
  const busy = listRuns(db, true).filter(({ state }) => activeStates.includes(state)).length
  const simulators = simulatorsFor(db, cores, busy + 1)
  const question = {
    ...({ kind: 'evaluate', checkpoint: file, episodes, keep } as const),
    job: { ...job, simulators }
  }
  const failure = `the policy of "${run.name}" could not be evaluated`
  const { evaluation } = await askTrainer(processes, question, 'evaluated', failure, signal)
  if (evaluation.rollouts.length > 0) {
    addRollouts(db, id, evaluation.step, evaluation.rollouts)
    changes.evaluationAdded(id)
  }
  return shown(id, evaluation)
}

/** Rollouts are found by the evaluation of their step, so there must be one. */
function checkPlaceFor({ db }: SupervisorDependencies, run: Run, checkpointStep: number | null): void {
  const step = findCheckpoint(db, run.id, checkpointStep)?.step
  const steps = evaluatedSteps(db, run.id)
  if (step === undefined || steps.includes(step)) return
  throw new UserError(
    'conflict',
    `the run "${run.name}" was not evaluated at step ${step}, so there is nothing to keep rollouts with; choose a checkpoint that was, or keep none`,
    { step }
  )
}

function shown(runId: string, evaluation: EvaluationMessage): FreshEvaluation {
  const { returns, lengths, outcomes, failedEpisodes, score, step, rollouts } = evaluation
  return {
    ...{ runId, step, episodes: returns.length, outcomes: [...outcomes], failedEpisodes },
    returns: Array.from(returns, toScalar),
    lengths: [...lengths],
    meanReturn: toScalar(mean(returns)),
    standardDeviation: toScalar(sampleDeviation(returns)),
    meanLength: toScalar(mean(lengths)),
    score: score === null ? null : toScalar(score),
    rollouts: rollouts.map(({ episode }) => episode)
  }
}
