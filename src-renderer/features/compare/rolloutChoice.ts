import type { ComparisonGroup } from '../../../src-preload/contract/compare.ts'
import type { Evaluation } from '../../../src-preload/contract/evaluations.ts'
import type { TrackRequest } from '../../replay/useTracks.ts'

/** The evaluation of a run nearest to a step (the last one for null) that kept rollouts. */
export function evaluationAt(evaluations: readonly Evaluation[], step: number | null): Evaluation | null {
  const kept = evaluations.filter(evaluation => evaluation.rollouts.length > 0)
  if (step === null) return kept.at(-1) ?? null
  return kept.reduce<Evaluation | null>(
    (best, evaluation) =>
      best === null || Math.abs(evaluation.step - step) < Math.abs(best.step - step) ? evaluation : best,
    null
  )
}

/**
 * One rollout a group, of its first seed that has any: the same episode number, so the same start, for all of them.
 * @param step evaluation step to look at; null for the last
 * @param episode which of the kept episodes
 */
export function rolloutsOfGroups(
  groups: readonly ComparisonGroup[],
  evaluationsOf: ReadonlyMap<string, readonly Evaluation[]>,
  colourOf: (colour: number) => string,
  step: number | null,
  episode: number
): TrackRequest[] {
  return groups.flatMap(group => {
    for (const runId of group.runIds) {
      const evaluation = evaluationAt(evaluationsOf.get(runId) ?? [], step)
      if (!evaluation) continue
      const kept = evaluation.rollouts[Math.min(episode, evaluation.rollouts.length - 1)]
      if (kept !== undefined)
        return [
          { runId, step: evaluation.step, episode: kept, name: group.name, colour: colourOf(group.colour) }
        ]
    }
    return []
  })
}
