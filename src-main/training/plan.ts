import { createHash, randomUUID } from 'node:crypto'
import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { Requirement } from '../../src-preload/contract/algorithms.ts'
import type { Dataset } from '../../src-preload/contract/datasets.ts'
import { precisionProblem, precisionTexts } from '../../src-preload/contract/precision.ts'
import type { Plan } from '../../src-preload/contract/runs.ts'
import type { Algorithm } from '../algorithms/algorithm.ts'
import type { SharedConfig } from '../algorithms/config.ts'
import { algorithms } from '../algorithms/index.ts'
import { checkConfig } from '../algorithms/validate.ts'
import { findDataset } from '../store/datasets.ts'
import type { NewRun } from '../store/runs.ts'
import type { ReadableDb } from '../store/sql.ts'

/** One thing that keeps a plan from starting; `algorithm` and `field` say which form shows it. */
interface PlanProblem {
  readonly algorithm: string | null
  readonly field: string | null
  readonly text: string
  readonly code: 'invalid-config' | 'incompatible-data' | 'not-found' | 'engine-unavailable'
}

/** One algorithm of a plan with its complete settings. */
interface Entry {
  readonly algorithm: Algorithm
  readonly config: SharedConfig
  readonly label: string
}

export interface ExpandedPlan {
  readonly runs: readonly Omit<NewRun, 'experimentId'>[]
  readonly problems: readonly PlanProblem[]
}

/** Every dataset x algorithm x seed of a plan as a run, or what is wrong with it and with the engines present. */
export function expandPlan(db: ReadableDb, plan: Plan, engines: readonly EngineInfo[]): ExpandedPlan {
  const datasets = plan.datasets.map(id => findDataset(db, id))
  const missing = plan.datasets.filter((_, i) => datasets[i] === undefined)
  const found = datasets.filter(dataset => dataset !== undefined)
  const checked = plan.algorithms.map(entry => checkEntry(entry, found))
  const problems = [
    ...missing.map(id =>
      problem('not-found', null, null, `there is no dataset ${id}; it may have been removed`)
    ),
    ...repeated(plan),
    ...engineProblems(plan, engines),
    ...checked.flatMap(({ problems }) => problems)
  ]
  if (problems.length > 0) return { runs: [], problems }
  const entries = named(
    plan,
    checked.flatMap(({ entry }) => entry ?? [])
  )
  const runs = found.flatMap(dataset =>
    entries.flatMap(entry => plan.seeds.map(seed => newRun(plan, dataset, entry, seed, found.length > 1)))
  )
  return { runs, problems }
}

const problem = (
  code: PlanProblem['code'],
  algorithm: string | null,
  field: string | null,
  text: string
): PlanProblem => ({
  ...{ code, algorithm, field, text }
})

/** Why the engine asked for, or every one, cannot compute in the precision asked for. */
function engineProblems({ engine, precision }: Plan, engines: readonly EngineInfo[]): PlanProblem[] {
  const candidates = engines.filter(({ id, available }) => available && (engine === 'auto' || engine === id))
  const reasons = candidates.map(({ title, precisions }) => ({
    title,
    reason: precisionProblem(precision, precisions)
  }))
  if (precision === 'float32' || reasons.some(({ reason }) => reason === null)) return []
  const why = reasons.map(({ title, reason }) => `${title}: ${reason}`).join('; ') || 'no engine is usable'
  const text = `${precisionTexts[precision].title} cannot be computed here (${why}); choose float32`
  return [problem('engine-unavailable', null, 'precision', text)]
}

function repeated({ seeds, datasets }: Plan): PlanProblem[] {
  const twice = (values: readonly unknown[]) => values.find((value, i) => values.indexOf(value) !== i)
  const seed = twice(seeds)
  const dataset = twice(datasets)
  return [
    ...(seed === undefined
      ? []
      : [problem('invalid-config', null, 'seeds', `seed ${seed as number} is listed twice`)]),
    ...(dataset === undefined
      ? []
      : [problem('invalid-config', null, 'datasets', `dataset ${dataset as string} is listed twice`)])
  ]
}

function checkEntry(asked: Plan['algorithms'][number], datasets: readonly Dataset[]) {
  const algorithm = algorithms.find(({ id }) => id === asked.algorithm)
  if (!algorithm) {
    const known = algorithms.map(({ id }) => id).join(', ')
    const text = `no algorithm is called ${asked.algorithm}; choose one of ${known}`
    return { entry: null, problems: [problem('not-found', asked.algorithm, null, text)] }
  }
  const { config, problems } = checkConfig(algorithm, asked.config)
  const wrong = problems.map(({ field, text }) => problem('invalid-config', algorithm.id, field, text))
  const lacking = config === null ? [] : datasets.flatMap(dataset => dataProblems(algorithm, config, dataset))
  const misfits = lacking.map(text => problem('incompatible-data', algorithm.id, null, text))
  const entry = config && { algorithm, config, label: asked.label ?? '' }
  return { entry, problems: [...wrong, ...misfits] }
}

const lacks: { readonly [R in Requirement]: (dataset: Dataset) => boolean } = {
  rewards: dataset => !dataset.hasRewards,
  nextObservations: dataset => dataset.missingNextObservations >= dataset.transitions,
  nextActions: dataset => dataset.transitions <= dataset.episodes,
  episodes: dataset => dataset.transitions <= dataset.episodes && dataset.episodes > 1
}
const needText: { readonly [R in Requirement]: readonly [string, string] } = {
  rewards: ['rewards', 'has none'],
  nextObservations: ['next observations', 'has none'],
  nextActions: ['the action that followed', 'holds single transitions'],
  episodes: ['whole episodes', 'holds single transitions']
}

/** Why an algorithm with these settings cannot be trained on a dataset, one sentence each; empty when it can. */
export function dataProblems(algorithm: Algorithm, config: SharedConfig, dataset: Dataset): string[] {
  const { kind } = dataset.actionSpace
  const actions = algorithm.actions.includes(kind)
    ? []
    : [`${algorithm.title} does not handle ${kind} actions, which dataset "${dataset.name}" has`]
  const needs = algorithm.needs(config).filter(need => lacks[need](dataset))
  return [
    ...actions,
    ...needs.map(
      need => `${algorithm.title} needs ${needText[need][0]}; dataset "${dataset.name}" ${needText[need][1]}`
    )
  ]
}

/** Gives entries of one algorithm different names: their labels, or the settings in which they differ. */
function named(plan: Plan, entries: readonly Entry[]): Entry[] {
  return entries.map((entry, i) => {
    if (plan.algorithms[i].label) return entry
    const siblings = entries.filter(({ algorithm }) => algorithm.id === entry.algorithm.id)
    if (siblings.length === 1) return { ...entry, label: entry.algorithm.shortTitle }
    const settings = Object.entries(entry.config).filter(([field, value]) =>
      siblings.some(
        ({ config }) => JSON.stringify((config as Record<string, unknown>)[field]) !== JSON.stringify(value)
      )
    )
    const texts = settings.map(([field, value]) => `${field} ${JSON.stringify(value).replaceAll('"', '')}`)
    return { ...entry, label: [entry.algorithm.shortTitle, ...texts].join(', ') }
  })
}

function newRun(
  plan: Plan,
  dataset: Dataset,
  entry: Entry,
  seed: number,
  severalDatasets: boolean
): Omit<NewRun, 'experimentId'> {
  const { algorithm, config } = entry
  const label = plan.precision === 'float32' ? entry.label : `${entry.label}, ${plan.precision}`
  const groupName = severalDatasets ? `${label} on ${dataset.name}` : label
  return {
    id: newId('run'),
    name: `${groupName}, seed ${seed}`,
    groupKey: groupKeyOf(dataset.id, algorithm.id, config, plan),
    groupName,
    datasetId: dataset.id,
    environmentId: dataset.environmentId,
    algorithm: algorithm.id,
    seed,
    config,
    totalSteps: config.gradientSteps,
    engineWanted: plan.engine,
    threadsWanted: plan.threads,
    precision: plan.precision
  }
}

/** A short id that no other thing has, such as `run-3f2a9c01d4e5`. */
export const newId = (kind: string): string => `${kind}-${randomUUID().replaceAll('-', '').slice(0, 12)}`

/** Equal for runs that differ only in seed. */
function groupKeyOf(
  datasetId: string,
  algorithm: string,
  config: SharedConfig,
  { engine, precision }: Plan
): string {
  const settings = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(
      JSON.stringify([
        datasetId,
        algorithm,
        settings,
        engine,
        ...(precision === 'float32' ? [] : [precision])
      ])
    )
    .digest('hex')
    .slice(0, 16)
}
