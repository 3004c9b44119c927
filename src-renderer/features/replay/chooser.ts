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
