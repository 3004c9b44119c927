import { join } from 'node:path'
import { engineById } from '../compute/index.ts'
import { loadDataset } from '../datasets/columns.ts'
import { prepareTraining } from '../datasets/trainingView.ts'
import { UserError } from '../base/errors.ts'
import { readCheckpoint } from './checkpoints.ts'
import type { EvaluationMessage, TrainingJob } from './messages.ts'
import { evaluateHere, Evaluator } from './evaluator.ts'
import { evaluationOf, methodOf } from './setup.ts'

/**
 * Evaluates a checkpoint's policy anew. Episode i starts from the same state and meets the same noise as episode i of the
 * evaluations during training, whatever the number of episodes, so those are the first of these.
 * @param asked how many episodes, and how many of the first of them are kept whole
 * @throws UserError('unsupported') for a run without an environment, UserError('checkpoint-corrupt')
 */
export async function evaluatePolicy(
  job: TrainingJob,
  checkpointName: string,
  { episodes, keep }: { readonly episodes: number; readonly keep: number },
  signal: AbortSignal
): Promise<EvaluationMessage> {
  const dataset = await loadDataset(job.datasetFolder)
  const { algorithm, config } = methodOf(job)
  const { problem } = prepareTraining(dataset, config)
  const method = { algorithm, config: { ...config, evalEpisodes: episodes, keepRollouts: keep }, problem }
  const { snapshot, run } = await readCheckpoint(join(job.folder, 'checkpoints'), checkpointName)
  const engine = await engineById(job.engine)
  const usual = evaluationOf(job, method, run.normaliser, dataset.manifest)
  if (!usual)
    throw new UserError('unsupported', 'its dataset belongs to no environment that can be simulated here')
  const setting = { ...usual, episodes: { ...usual.episodes, schedule: null } }
  const { step, activeSeconds: seconds, state } = snapshot
  const at = { step, seconds }
  const { simulators = 1 } = job
  if (simulators === 1) return evaluateHere(setting, engine, at, state, signal)
  const evaluator = new Evaluator(setting, engine, simulators)
  try {
    return await evaluator.evaluate(at, state, signal)
  } finally {
    evaluator.close()
  }
}
