import type { BehaviourInfo } from '../../src-preload/contract/collect.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import type { TrainingProgress } from './messages.ts'

export type Watched = BehaviourInfo['watched']

/** Of more, every second is kept. */
const most = 400

/** Returns while learning as they were told, with those of now; what lay beyond where a training went on from is gone. */
export function watchedWith(known: Watched, { lived, recentReturn }: TrainingProgress): Watched {
  if (recentReturn === null) return known
  const points: Watched = [...known.filter(([steps]) => steps < lived), [lived, toScalar(recentReturn)]]
  return points.length <= most ? points : points.filter((_, i) => i % 2 === points.length % 2)
}
