import { join } from 'node:path'
import { engineById } from '../compute/index.ts'
import { loadDataset } from '../datasets/columns.ts'
import { prepareTraining } from '../datasets/trainingView.ts'
import { UserError } from '../base/errors.ts'
import { readCheckpoint } from './checkpoints.ts'
import type { EvaluationMessage, TrainingJob } from './messages.ts'
import { evaluateHere } from './evaluator.ts'
import { evaluationOf, methodOf } from './setup.ts'

/**
 * Evaluates a checkpoint's policy anew. Episode i starts from the same state and meets the same noise as episode i of the
 * evaluations during training, whatever the number of episodes, so those are the first of these. No rollout is kept.
 * @throws UserError('unsupported') for a run without an environment, UserError('checkpoint-corrupt')
 */
export async function evaluatePolicy(
  job: TrainingJob,
  checkpointName: string,
  episodes: number,
  signal: AbortSignal
): Promise<EvaluationMessage> {
  const dataset = await loadDataset(job.datasetFolder)
  const { algorithm, config } = methodOf(job)
  const { problem } = prepareTraining(dataset, config)
  const method = { algorithm, config: { ...config, evalEpisodes: episodes, keepRollouts: 0 }, problem }
  const { snapshot, run } = await readCheckpoint(join(job.folder, 'checkpoints'), checkpointName)
  const engine = await engineById(job.engine)
  const setting = evaluationOf(job, method, run.normaliser, dataset.manifest)
  if (!setting)
    throw new UserError('unsupported', 'its dataset belongs to no environment that can be simulated here')
  const { step, activeSeconds: seconds, state } = snapshot
  return evaluateHere(setting, engine, { step, seconds }, state, signal)
}
