import type { BehaviourChanges, BehaviourInfo, BehaviourList } from '../../../src-preload/contract/collect.ts'
import { watchedWith } from '../../../src-preload/contract/watched.ts'

const newestFirst = (a: BehaviourInfo, b: BehaviourInfo): number =>
  b.createdAt - a.createdAt || a.id.localeCompare(b.id, undefined, { numeric: true })

/** How far a training is, and one more point of the returns while it learns. */
const further = (
  behaviour: BehaviourInfo,
  { lived, progress }: Pick<BehaviourInfo, 'lived' | 'progress'>
): BehaviourInfo => ({
  ...behaviour,
  lived,
  progress,
  watched: watchedWith(behaviour.watched, lived, progress?.recentReturn ?? null)
})

/**
 * The list of behaviours after some changes.
 * @param fresh true for the first item of a stream: what it does not name is gone
 */
export function behavioursWith(
  known: BehaviourList | null,
  { changed, progressed, damaged, removed }: BehaviourChanges,
  fresh: boolean
): BehaviourList {
  const before = fresh ? null : known
  const named = new Set([...changed.map(({ id }) => id), ...damaged.map(({ name }) => name), ...removed])
  const news = new Map(progressed.map(one => [one.id, one]))
  const behaviours = [...(before?.behaviours ?? []).filter(({ id }) => !named.has(id)), ...changed]
    .map(one => (news.has(one.id) ? further(one, news.get(one.id)!) : one))
    .sort(newestFirst)
  return {
    behaviours,
    damaged: [...(before?.damaged ?? []).filter(({ name }) => !named.has(name)), ...damaged]
  }
}
