import type { ComparisonGroup } from '../../../src-preload/contract/compare.ts'
import {
  evaluationOf,
  type EpisodeChoice,
  type StepChoice,
  type TrackChoice
} from '../../replay/trackChoice.ts'
import type { EvaluationsOf } from '../../replay/useEvaluations.ts'

/**
 * One rollout a group, of its first seed that kept any: the same episode number, so the same start, for all of them.
 * @param step which evaluation of each
 * @param episode which of its kept episodes
 */
export const choicesOfGroups = (
  groups: readonly Pick<ComparisonGroup, 'runIds'>[],
  evaluations: EvaluationsOf,
  step: StepChoice,
  episode: EpisodeChoice
): TrackChoice[] =>
  groups.flatMap(group => {
    const runId = group.runIds.find(id => evaluationOf(evaluations.get(id) ?? [], step) !== null)
    return runId === undefined ? [] : [{ kind: 'run' as const, runId, step, episode }]
  })
