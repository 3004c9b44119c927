import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import type { EpisodeChoice, StepChoice, TrackChoice } from '../../replay/trackChoice.ts'

/** The value that all entries share; null when they differ or there are none. */
export const commonValue = <T>(values: readonly T[]): T | null =>
  new Set(values).size === 1 ? (values[0] ?? null) : null

/** The run whose last return is the median of its group: one that stands for all its seeds. */
export function medianRun(runs: readonly Run[]): Run | null {
  const worth = (run: Run): number => {
    const value = run.finalReturn === null ? NaN : fromScalar(run.finalReturn)
    return Number.isFinite(value) ? value : -Infinity
  }
  const ranked = [...runs].sort((a, b) => worth(a) - worth(b) || a.seed - b.seed)
  return ranked[(ranked.length - 1) >> 1] ?? null
}

export interface AddItem {
  readonly value: string
  readonly label: string
  readonly description: string
}

/**
 * What can be added: groups of several seeds (by their median run) before single runs.
 * @param environmentId only runs of this environment; null for all runs that have one
 */
export function addable(runs: readonly Run[], environmentId: string | null): AddItem[][] {
  const fitting = runs.filter(run =>
    environmentId === null ? run.environmentId !== null : run.environmentId === environmentId
  )
  const groups = [...Map.groupBy(fitting, run => `${run.experimentId}/${run.groupKey}`).values()]
  const several = groups.flatMap(members => {
    const median = members.length > 1 ? medianRun(members) : null
    if (!median) return []
    const label = `${median.groupName}: median of ${members.length} seeds`
    return [{ value: median.id, label, description: `${median.experimentName}, seed ${median.seed}` }]
  })
  const single = fitting.map(run => ({
    value: run.id,
    label: `${run.groupName} · seed ${run.seed}`,
    description: `${run.experimentName}, ${run.datasetName}`
  }))
  return [several, single].filter(part => part.length > 0)
}

/** Marks the datasets among what can be added; ids of runs have no dot. */
const dataMark = 'data.'

/** The dataset that an added value names; null for runs. */
export const datasetOf = (value: string): string | null =>
  value.startsWith(dataMark) ? value.slice(dataMark.length) : null

/**
 * Datasets whose episodes can be added; archived ones are not offered.
 * @param environmentId only of this environment; null for all that have one
 */
export const addableDatasets = (datasets: readonly Dataset[], environmentId: string | null): AddItem[] =>
  datasets
    .filter(({ archived }) => !archived)
    .filter(entry =>
      environmentId === null ? entry.environmentId !== null : entry.environmentId === environmentId
    )
    .map(({ id, name, episodes }) => ({
      value: dataMark + id,
      label: name,
      description: `Dataset, ${episodes} ${episodes === 1 ? 'episode' : 'episodes'}`
    }))

/** The first episode of a dataset that is not there yet. */
export function newEpisode(datasetId: string, present: readonly TrackChoice[]): TrackChoice {
  const taken = present.flatMap(choice =>
    choice.kind === 'dataset' && choice.datasetId === datasetId ? [choice.episode] : []
  )
  let episode = 0
  while (taken.includes(episode)) episode++
  return { kind: 'dataset', datasetId, episode }
}

/** A place among the episodes of a dataset by return. */
export type EpisodeRank = 'best' | 'median' | 'worst'

/** Where that place stands in the list of episodes. */
export const rankOf = (rank: EpisodeRank, count: number) => ({
  sort: 'return' as const,
  descending: rank === 'best',
  offset: rank === 'median' ? (count - 1) >> 1 : 0,
  limit: 1
})

/** A new track that plays the same start and evaluation as the others; another episode of a run that is there already. */
export function newChoice(
  runId: string,
  step: StepChoice | null,
  episode: EpisodeChoice | null,
  present: readonly TrackChoice[]
): TrackChoice {
  const choice = { kind: 'run' as const, runId, step: step ?? 'last', episode: episode ?? 0 }
  const same = present.filter(
    other => other.kind === 'run' && other.runId === runId && other.step === choice.step
  )
  return same.length > 0 && typeof choice.episode === 'number'
    ? { ...choice, episode: choice.episode + same.length }
    : choice
}
