import type { Run } from '../../../src-preload/contract/runs.ts'

/** Runs that differ only in seed, as one line of the list. */
export interface RunGroup {
  readonly key: string
  readonly name: string
  readonly colour: number
  readonly datasetName: string
  readonly runs: readonly Run[]
}

/** The groups of an experiment that were trained on one dataset. */
export interface DatasetGroups {
  readonly id: string
  readonly name: string
  readonly groups: readonly RunGroup[]
}

export interface ExperimentGroups {
  readonly id: string
  readonly name: string
  readonly datasets: readonly DatasetGroups[]
}

/** The name of a group under the heading of its dataset, which it need not repeat. */
const shortName = (groupName: string, datasetName: string): string =>
  groupName.endsWith(` on ${datasetName}`) ? groupName.slice(0, -` on ${datasetName}`.length) : groupName

const groupsOf = (runs: readonly Run[]): RunGroup[] =>
  [...Map.groupBy(runs, run => run.groupKey).entries()].map(([key, inGroup]) => ({
    key,
    name: shortName(inGroup[0]?.groupName ?? '', inGroup[0]?.datasetName ?? ''),
    colour: inGroup[0]?.colour ?? 0,
    datasetName: inGroup[0]?.datasetName ?? '',
    runs: [...inGroup].sort((a, b) => a.seed - b.seed)
  }))

/** Runs by experiment, dataset and group, experiments newest first, groups in the order of their first run. */
export function experimentsOf(runs: readonly Run[]): ExperimentGroups[] {
  const byExperiment = Map.groupBy(runs, run => run.experimentId)
  return [...byExperiment.entries()].map(([id, members]) => ({
    id,
    name: members[0]?.experimentName ?? '',
    datasets: [...Map.groupBy(members, run => run.datasetId).entries()].map(([dataset, inDataset]) => ({
      id: dataset,
      name: inDataset[0]?.datasetName ?? '',
      groups: groupsOf(inDataset)
    }))
  }))
}

/** Ids of an address query, without those that no longer exist. */
export const selectedIds = (query: string, runs: readonly Run[]): string[] => {
  const known = new Set(runs.map(run => run.id))
  return query.split(',').filter(id => known.has(id))
}

/** The selection with a group or run added, or taken away where all of it was in. */
export function toggled(selected: readonly string[], ids: readonly string[]): string[] {
  const all = ids.every(id => selected.includes(id))
  return all ? selected.filter(id => !ids.includes(id)) : [...new Set([...selected, ...ids])]
}

/** Runs that are compared without having been asked for; more than these make hundreds of lines. */
const unasked = 100

/** What a first visit shows: the newest experiment, of a large one whole groups of up to 100 runs. */
export function firstSelection(runs: readonly Run[]): string[] {
  const newest = runs.filter(run => run.experimentId === runs[0]?.experimentId)
  const ids: string[] = []
  for (const group of Map.groupBy(newest, run => `${run.datasetId}/${run.groupKey}`).values()) {
    if (ids.length > 0 && ids.length + group.length > unasked) break
    ids.push(...group.map(run => run.id))
  }
  return ids
}
