import type { Evaluation } from '../../../src-preload/contract/evaluations.ts'
import { trackLimit } from '../../replay/useTracks.ts'
import { evaluationOf, type TrackChoice } from '../../replay/trackChoice.ts'

/** The episodes of one evaluation, each from its own start; or one start through the training. */
export type RolloutView = 'starts' | 'training'

/** Evaluations spread evenly over a run: the first, the last, and what fits between. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  const picked = Array.from({ length: most }, (_, i) => Math.round((i * (items.length - 1)) / (most - 1)))
  return picked.flatMap(i => items[i] ?? [])
}

/**
 * The tracks of a view of a run's rollouts, at most as many as can be told apart.
 * @param step evaluation of the view `starts`; null for the last
 * @param episode start of the view `training`
 */
export function choicesOfRun(
  runId: string,
  evaluations: readonly Evaluation[],
  view: RolloutView,
  step: number | null,
  episode: number
): TrackChoice[] {
  if (view === 'starts') {
    const evaluation = evaluationOf(evaluations, step ?? 'last')
    if (!evaluation) return []
    return evaluation.rollouts
      .slice(0, trackLimit)
      .map(kept => ({ kind: 'run', runId, step: evaluation.step, episode: kept }))
  }
  const kept = evaluations.filter(evaluation => evaluation.rollouts.includes(episode))
  return spread(kept, trackLimit).map(evaluation => ({ kind: 'run', runId, step: evaluation.step, episode }))
}
