/** Datasets made from recipes and from other datasets. */
import { UserError } from '../base/errors.ts'
import { actionWidth, type Environment } from '../environments/environment.ts'
import { environmentById } from '../environments/index.ts'
import { recipeById } from '../environments/recipes/index.ts'
import { ColumnsBuilder, type NeutralEpisode, returnOf } from './build.ts'
import type { DatasetColumns, DatasetDescription, Episode, LoadedDataset, RobotStates } from './dataset.ts'
import type { DatasetFilter } from './importMessages.ts'
import { joinStates, statesOf } from './states.ts'
import { shareOutside } from './statistics.ts'

export interface Derived {
  readonly description: DatasetDescription
  readonly columns: DatasetColumns
}

/** What a manifest says of data that an environment simulated: its spaces, names and score reference. */
export function spacesOf({ actions, observationSize, info }: Environment, columns: DatasetColumns) {
  return {
    environmentId: info.id,
    observationShape: [observationSize],
    observationNames: info.observationNames,
    actionShape: [columns.actionSize],
    actionNames: info.actionNames,
    actionSpace:
      actions.kind === 'discrete'
        ? { kind: 'discrete', count: actions.count, start: 0 }
        : {
            kind: 'continuous',
            size: actions.size,
            low: [...actions.low],
            high: [...actions.high],
            outside: 'clip',
            shareOutside: shareOutside(columns, actions.low, actions.high)
          },
    hasRewards: true,
    scoreReference: info.scoreReference
  } satisfies Partial<DatasetDescription>
}

/** Generates the dataset of a recipe; equal seeds give equal data. @throws UserError('not-found') */
export function makeFromRecipe(id: string, seed: number): Derived {
  const recipe = recipeById(id)
  if (recipe === undefined) throw new UserError('not-found', `there is no built-in dataset "${id}"`)
  const { episodes, environmentId, provenance } = recipe.generate(seed)
  const environment = environmentById(environmentId)
  if (environment === undefined)
    throw new Error(`invariant: recipe ${id} names the unknown environment ${environmentId}`)
  const { observationSize } = environment
  const actionSize = actionWidth(environment)
  const builder = new ColumnsBuilder({ observationSize, actionSize, hasRewards: true })
  for (const episode of episodes) builder.add({ ...episode, rewards: Float32Array.from(episode.rewards) })
  const columns = builder.finish()
  return {
    columns,
    description: {
      name: recipe.title,
      format: 'recipe',
      sourceName: seed === 0 ? recipe.id : `${recipe.id} seed ${seed}`,
      ...spacesOf(environment, columns),
      parents: [],
      provenance
    }
  }
}

/** The episodes that pass a filter, as a dataset of their own. @throws UserError('incompatible-data') when none does */
export function filterDataset(
  { manifest, columns }: LoadedDataset,
  name: string,
  filter: DatasetFilter
): Derived {
  const { minimumReturn, maximumReturn, minimumLength, maximumLength } = filter
  const within = (value: number, low: number | null, high: number | null) =>
    (low === null || value >= low) && (high === null || value <= high)
  const kept = columns.episodes.filter(
    episode =>
      within(episode.length, minimumLength, maximumLength) &&
      within(returnOf(columns, episode), minimumReturn, maximumReturn)
  )
  if (kept.length === 0)
    throw new UserError(
      'incompatible-data',
      `none of the ${columns.episodes.length} episodes of ${manifest.name} passes the filter`
    )
  const builder = new ColumnsBuilder({
    observationSize: columns.observationSize,
    actionSize: columns.actionSize,
    hasRewards: manifest.hasRewards
  })
  for (const episode of kept) builder.add(episodeOf(columns, episode))
  const operation = `filtered to ${describeFilter(filter)}`
  const { states } = columns
  return {
    columns:
      states === undefined
        ? builder.finish()
        : withStates(
            builder.finish(),
            joinStates(
              kept.map(episode => statesOf(states, episode)),
              states
            )
          ),
    description: { ...manifest, name, parents: [{ datasetId: manifest.id, name: manifest.name, operation }] }
  }
}

function describeFilter(filter: DatasetFilter): string {
  const range = (what: string, low: number | null, high: number | null) =>
    low === null && high === null
      ? []
      : [`${what} ${low === null ? 'up' : `from ${low}`}${high === null ? '' : ` to ${high}`}`]
  const parts = [
    ...range('return', filter.minimumReturn, filter.maximumReturn),
    ...range('length', filter.minimumLength, filter.maximumLength)
  ]
  return parts.join(' and ') || 'all episodes'
}

/** One dataset of all episodes of several with equal spaces. @throws UserError('incompatible-data') that names the difference */
export function combineDatasets(datasets: readonly LoadedDataset[], name: string): Derived {
  const [first] = datasets
  for (const other of datasets.slice(1)) requireEqualSpaces(first, other)
  const hasRewards = datasets.every(({ manifest }) => manifest.hasRewards)
  const { observationSize, actionSize } = first.columns
  const builder = new ColumnsBuilder({ observationSize, actionSize, hasRewards })
  for (const { manifest, columns } of datasets) {
    const several = manifest.sources.length > 1
    for (const episode of columns.episodes) {
      const source = several ? `${manifest.name}: ${episode.source}` : manifest.name
      builder.add({ ...episodeOf(columns, episode), source, ...(hasRewards ? {} : { rewards: null }) })
    }
  }
  const columns = withStates(builder.finish(), combinedStates(datasets))
  const { manifest } = first
  const space = manifest.actionSpace
  const sameReference = datasets.every(
    other => JSON.stringify(other.manifest.scoreReference) === JSON.stringify(manifest.scoreReference)
  )
  return {
    columns,
    description: {
      ...manifest,
      name,
      format: 'combined',
      sourceName: datasets.map(dataset => dataset.manifest.sourceName).join(', '),
      actionSpace:
        space.kind === 'continuous'
          ? { ...space, shareOutside: shareOutside(columns, space.low, space.high) }
          : space,
      hasRewards,
      scoreReference: sameReference ? manifest.scoreReference : null,
      parents: datasets.map(parent => ({
        datasetId: parent.manifest.id,
        name: parent.manifest.name,
        operation: 'combined'
      })),
      provenance: {}
    }
  }
}

const withStates = (columns: DatasetColumns, states: RobotStates | undefined): DatasetColumns =>
  states === undefined ? columns : { ...columns, states }

/** The states of all datasets, where each has them and of the same sizes. */
function combinedStates(datasets: readonly LoadedDataset[]): RobotStates | undefined {
  const sizes = datasets[0].columns.states
  const parts = datasets.map(({ columns: { states, episodes } }) =>
    states !== undefined &&
    states.positionSize === sizes?.positionSize &&
    states.velocitySize === sizes.velocitySize
      ? episodes.map(episode => statesOf(states, episode))
      : null
  )
  const known = parts.filter(part => part !== null)
  return sizes === undefined || known.length < parts.length ? undefined : joinStates(known.flat(), sizes)
}

function requireEqualSpaces(a: LoadedDataset, b: LoadedDataset): void {
  const refuse = (what: string, left: string, right: string) => {
    throw new UserError(
      'incompatible-data',
      `${a.manifest.name} and ${b.manifest.name} differ in ${what}: ${left} and ${right}`
    )
  }
  const spaceOf = ({ manifest: { actionSpace: space } }: LoadedDataset) =>
    space.kind === 'discrete'
      ? `${space.count} choices from ${space.start}`
      : `${space.size} actions between ${space.low.join(', ')} and ${space.high.join(', ')} (${space.outside})`
  if (a.columns.observationSize !== b.columns.observationSize) {
    refuse('observations', `${a.columns.observationSize} numbers`, `${b.columns.observationSize}`)
  }
  if (spaceOf(a) !== spaceOf(b)) refuse('actions', spaceOf(a), spaceOf(b))
  if (a.manifest.environmentId !== b.manifest.environmentId) {
    refuse('environment', a.manifest.environmentId ?? 'none', b.manifest.environmentId ?? 'none')
  }
}

/** One episode of a dataset, its final observation left out where it is missing. */
function episodeOf(columns: DatasetColumns, episode: Episode): NeutralEpisode {
  const { observationSize, actionSize, rewards } = columns
  const { firstRow, firstObservation, length, hasFinalObservation, endReason, source } = episode
  const observed = length + (hasFinalObservation ? 1 : 0)
  return {
    observations: columns.observations.subarray(
      firstObservation * observationSize,
      (firstObservation + observed) * observationSize
    ),
    actions: columns.actions.subarray(firstRow * actionSize, (firstRow + length) * actionSize),
    rewards: rewards.length === 0 ? null : rewards.subarray(firstRow, firstRow + length),
    endReason,
    source
  }
}
