import type { Run } from '../../../src-preload/contract/runs.ts'

/** Runs that differ only in seed, as one line of the list. */
export interface RunGroup {
  readonly key: string
  readonly name: string
  readonly colour: number
  readonly datasetName: string
  readonly runs: readonly Run[]
}

export interface ExperimentGroups {
  readonly id: string
  readonly name: string
  readonly groups: readonly RunGroup[]
}

/** Runs by experiment and group, experiments newest first, groups in the order of their first run. */
export function experimentsOf(runs: readonly Run[]): ExperimentGroups[] {
  const byExperiment = Map.groupBy(runs, run => run.experimentId)
  return [...byExperiment.entries()].map(([id, members]) => ({
    id,
    name: members[0]?.experimentName ?? '',
    groups: [...Map.groupBy(members, run => run.groupKey).entries()].map(([key, inGroup]) => ({
      key,
      name: inGroup[0]?.groupName ?? '',
      colour: inGroup[0]?.colour ?? 0,
      datasetName: inGroup[0]?.datasetName ?? '',
      runs: [...inGroup].sort((a, b) => a.seed - b.seed)
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

/** What a first visit shows: the newest experiment that has at least one run. */
export const firstSelection = (runs: readonly Run[]): string[] =>
  runs.length === 0 ? [] : runs.filter(run => run.experimentId === runs[0]?.experimentId).map(run => run.id)
