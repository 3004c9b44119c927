import type { BehaviourInfo } from './collect.ts'
import type { Scalar } from './values.ts'

export type Watched = BehaviourInfo['watched']

/** Of more, every second is kept. */
const most = 400

/**
 * Returns while learning as they were told, with that of now (null: none yet); what lay beyond where a training went on from is gone.
 * Host and page keep their lists by this one rule, so that only what is new has to be sent.
 */
export function watchedWith(known: Watched, lived: number, recentReturn: Scalar | null): Watched {
  if (recentReturn === null) return known
  const points: Watched = [...known.filter(([steps]) => steps < lived), [lived, recentReturn]]
  return points.length <= most ? points : points.filter((_, i) => i % 2 === points.length % 2)
}
