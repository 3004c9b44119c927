import type { ComparisonInput, RunGroup } from './comparison.ts'

/** One setting over all groups. */
export interface SettingRow {
  readonly field: string
  readonly title: string
  /** One value a group; null where the group's algorithm has no such setting. */
  readonly values: unknown[]
  readonly equal: boolean
}

/** JSON text with sorted keys, so that equal settings are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )
}

function rowOf(field: string, title: string, values: unknown[]): SettingRow {
  return { field, title, values, equal: new Set(values.map(canonical)).size <= 1 }
}

/**
 * What the groups were run with: algorithm, dataset, environment, precision, then every setting of any of them, in the order of the
 * algorithms' forms.
 */
export function settingsOf(
  groups: readonly RunGroup[],
  { datasets, titleOf }: ComparisonInput
): SettingRow[] {
  const firsts = groups.map(({ first }) => first.run)
  const owners = new Map<string, string>()
  for (const { algorithm, config } of firsts) {
    for (const field of Object.keys(config)) if (!owners.has(field)) owners.set(field, algorithm)
  }
  const datasetName = (id: string, otherwise: string) =>
    datasets.find(dataset => dataset.id === id)?.name ?? otherwise
  return [
    rowOf(
      'algorithm',
      'Algorithm',
      firsts.map(run => run.algorithm)
    ),
    rowOf(
      'dataset',
      'Dataset',
      firsts.map(run => datasetName(run.datasetId, run.datasetName))
    ),
    rowOf(
      'environment',
      'Environment',
      firsts.map(run => run.environmentId)
    ),
    rowOf(
      'precision',
      'Precision',
      firsts.map(run => run.engine?.precision ?? run.precision)
    ),
    ...[...owners].map(([field, algorithm]) =>
      rowOf(
        field,
        titleOf(algorithm, field),
        firsts.map(run => run.config[field] ?? null)
      )
    )
  ]
}
