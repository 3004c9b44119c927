import type { Comparison } from '../../../src-preload/contract/compare.ts'
import { formatSetting } from '../../charts/format.ts'

/** Settings that a name may carry to be told from its like. */
const mostSettings = 2

/**
 * The comparison with names that tell its groups apart: groups of the same name, from two experiments, take on the settings in
 * which they differ, as `IQL · Gradient steps 100000`.
 */
export function withDistinctNames(comparison: Comparison): Comparison {
  const byName = Map.groupBy(comparison.groups.keys(), i => comparison.groups[i]?.name ?? '')
  const suffixOf = (i: number, like: readonly number[]): string =>
    comparison.differences
      .filter(({ values }) => new Set(like.map(j => formatSetting(values[j]))).size > 1)
      .slice(0, mostSettings)
      .map(({ title, values }) => ` · ${title} ${formatSetting(values[i])}`)
      .join('')
  return {
    ...comparison,
    groups: comparison.groups.map((group, i) => {
      const like = byName.get(group.name) ?? []
      return like.length < 2 ? group : { ...group, name: group.name + suffixOf(i, like) }
    })
  }
}
