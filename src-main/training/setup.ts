import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { algorithmById } from '../algorithms/index.ts'
import { checkConfig } from '../algorithms/validate.ts'
import { UserError } from '../base/errors.ts'
import { engineById } from '../compute/index.ts'
import type { Engine } from '../compute/engine.ts'
import { sameBitsInAnyStack } from '../compute/stacked/sameBits.ts'
import type { DatasetManifest } from '../datasets/dataset.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { TrainingData } from '../datasets/trainingView.ts'
import { environmentById } from '../environments/index.ts'
import { chooseReference } from '../evaluation/scores.ts'
import type { Method } from './buildProgram.ts'
import { type Checkpoint, type CheckpointRun, jobHashOf, newestCheckpoint } from './checkpoints.ts'
import { DataSource } from './dataSource.ts'
import type { EpisodeSetting } from './episodes.ts'
import { type EvaluationSetting, Evaluator } from './evaluator.ts'
import type { TrainingParts } from './loop.ts'
import type { TrainingJob } from './messages.ts'

/** All that a job needs to run, read from disk. */
export interface Setup {
  readonly parts: TrainingParts
  readonly data: TrainingData
  readonly run: CheckpointRun
  /** Null where there is no environment to evaluate in. */
  readonly evaluator: Evaluator | null
  readonly resumed: Checkpoint | null
  /** False when the run continues under another engine, version, thread count or precision. */
  readonly bitExact: boolean
  /** Checkpoints that were skipped, one sentence each. */
  readonly damaged: readonly string[]
  readonly checkpoints: string
}

/** Where several runs of one process get the same data, and the engine as each of them sees it. */
export interface SharedSetup {
  readonly source?: DataSource
  readonly engine?: Engine
}

/**
 * Reads dataset, algorithm, engine and, when resuming, the newest whole checkpoint.
 * @param shared what several runs of one process have in common
 * @throws UserError for whatever the job names that is not there, is damaged or does not fit
 */
export async function setUp(job: TrainingJob, shared: SharedSetup = {}): Promise<Setup> {
  const { source = new DataSource(), engine = await engineById(job.engine) } = shared
  const { algorithm, config } = methodOf(job)
  const { manifest, data } = await source.prepare(job.datasetFolder, config)
  const method: Method = { algorithm, config, problem: data.problem }
  const { version, device } = await engine.describe()
  const run: CheckpointRun = {
    jobHash: jobHashOf({ datasetId: manifest.id, algorithm: algorithm.id, config, seed: job.seed }),
    ...{ datasetId: manifest.id, algorithm: algorithm.id, config, seed: job.seed },
    engine: {
      id: engine.id,
      version,
      threads: job.threads,
      device,
      precision: job.precision,
      ...lanesOf(job)
    },
    normaliser: data.normaliser,
    heldOutEpisodes: [...data.heldOut.episodeIndices]
  }
  const checkpoints = join(job.folder, 'checkpoints')
  await mkdir(checkpoints, { recursive: true })
  const { checkpoint, damaged } = job.resume
    ? await newestCheckpoint(checkpoints)
    : { checkpoint: null, damaged: [] }
  const heldOut = data.heldOut.rowCount > 0 ? data.heldOut : null
  const evaluation = evaluationOf(job, method, data.normaliser, manifest)
  return {
    parts: {
      ...{ method, seed: job.seed, engine, threads: job.threads, precision: job.precision },
      ...{ view: data.training, heldOut }
    },
    ...{ data, run: checkpoint ? asBefore(run, checkpoint) : run, damaged, checkpoints },
    evaluator: evaluation && new Evaluator(evaluation, engine, job.simulators ?? 1),
    resumed: checkpoint && belonging(checkpoint, run),
    bitExact: checkpoint === null || sameEngine(checkpoint.run.engine, run.engine)
  }
}

/** The algorithm of a job with its complete settings. @throws UserError('not-found' | 'invalid-config') */
export function methodOf(job: TrainingJob) {
  const algorithm = algorithmById(job.algorithm)
  const { config, problems } = checkConfig(algorithm, job.config)
  if (config === null || problems.length > 0) {
    const texts = problems.map(({ field, text }) => `${field ?? 'settings'}: ${text}`)
    throw new UserError('invalid-config', `${algorithm.title}: ${texts.join('; ')}`)
  }
  return { algorithm, config }
}

/** How a job's policies are evaluated; null without an environment. */
export function evaluationOf(
  job: TrainingJob,
  method: Method,
  normaliser: Normaliser,
  manifest: DatasetManifest
): EvaluationSetting | null {
  const environment = job.environmentId === null ? undefined : environmentById(job.environmentId)
  if (!environment) return null
  const { evalEpisodes, keepRollouts, evalEvery, gradientSteps } = method.config
  const episodes = {
    ...{ environmentId: environment.id, episodes: evalEpisodes, keep: keepRollouts },
    ...{ schedule: { evalEvery, gradientSteps }, returnToGo: returnToGoOf(method, normaliser) },
    scoreReference: chooseReference(manifest, environment.info),
    folder: join(job.folder, 'rollouts')
  }
  return { method, normaliser, episodes }
}

/** How realised rewards compare with values in raw reward units; null for methods that do not discount. */
function returnToGoOf({ config }: Method, { rewards }: Normaliser): EpisodeSetting['returnToGo'] {
  const { discount } = config as { readonly discount?: number }
  return discount === undefined ? null : { discount, shift: rewards.shift / rewards.scale }
}

/** @throws UserError('checkpoint-corrupt') when the checkpoint is of another run */
function belonging(checkpoint: Checkpoint, run: CheckpointRun): Checkpoint {
  if (checkpoint.run.jobHash === run.jobHash) return checkpoint
  throw new UserError(
    'checkpoint-corrupt',
    `checkpoint ${checkpoint.name} belongs to a run with other data, settings or seed; start this run anew`
  )
}

const sameEngine = (a: CheckpointRun['engine'], b: CheckpointRun['engine']): boolean =>
  a.id === b.id &&
  a.version === b.version &&
  a.threads === b.threads &&
  a.device === b.device &&
  (a.precision ?? 'float32') === (b.precision ?? 'float32') &&
  sameGraph(a, b)

/** With the way in which the steps before ran, where that is known: it is told again once some have run. */
function asBefore(run: CheckpointRun, { run: { engine } }: Checkpoint): CheckpointRun {
  const { execution } = engine
  return execution && engine.id === run.engine.id ? { ...run, engine: { ...run.engine, execution } } : run
}

const lanesOf = ({ lanes }: TrainingJob) => (lanes === undefined ? {} : { lanes })

/** One graph for several runs and a graph for one give other bits; on some engines the number of runs matters too. */
const sameGraph = (a: CheckpointRun['engine'], b: CheckpointRun['engine']): boolean =>
  a.lanes === b.lanes || (a.lanes !== undefined && b.lanes !== undefined && sameBitsInAnyStack(a.id))
