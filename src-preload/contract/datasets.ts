import { z } from 'zod'
import { call, stream } from './define.ts'
import { column, empty, id, page, scalar, timestamp } from './values.ts'

/** Why an episode stopped. Bootstrapping stops at `terminated` only. */
export const endReason = z.enum(['terminated', 'truncated', 'cut', 'unknown'])
export type EndReason = z.infer<typeof endReason>

/** Continuous actions carry bounds; discrete actions are integers in [0, count). */
export const actionSpace = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('continuous'),
    size: z.number().int().positive(),
    low: z.array(z.number()),
    high: z.array(z.number()),
    /** What training does with stored actions outside the bounds; stored actions are never altered. */
    outside: z.enum(['clip', 'rescale', 'unbounded']),
    /** Share of rows with a component outside the bounds, 0 to 1. */
    shareOutside: z.number()
  }),
  z.object({ kind: z.literal('discrete'), count: z.number().int().positive(), start: z.number().int() })
])
export type ActionSpace = z.infer<typeof actionSpace>

/** References for a normalised score (0 = low, 100 = high) and where they come from. */
export const scoreReference = z.object({ low: z.number(), high: z.number(), source: z.string() })
export type ScoreReference = z.infer<typeof scoreReference>

export const dataset = z.object({
  /** Starts with the content hash; stable across machines for the same content. */
  id,
  name: z.string(),
  note: z.string(),
  createdAt: timestamp,
  format: z.string(),
  sourceName: z.string(),
  environmentId: z.string().nullable(),
  episodes: z.number().int(),
  transitions: z.number().int(),
  observationShape: z.array(z.number().int()),
  observationNames: z.array(z.string()),
  actionShape: z.array(z.number().int()),
  actionNames: z.array(z.string()),
  actionSpace,
  hasRewards: z.boolean(),
  /** Transitions whose next observation the file does not hold. */
  missingNextObservations: z.number().int(),
  endReasons: z.record(endReason, z.number().int()),
  meanReturn: scalar,
  bestReturn: scalar,
  meanLength: scalar,
  scoreReference: scoreReference.nullable(),
  sizeBytes: z.number(),
  parents: z.array(z.object({ datasetId: z.string(), name: z.string(), operation: z.string() })),
  archived: z.boolean()
})
export type Dataset = z.infer<typeof dataset>

export const histogram = z.object({
  low: z.number(),
  high: z.number(),
  counts: z.array(z.number().int()),
  nonFinite: z.number().int()
})
export type Histogram = z.infer<typeof histogram>

export const dimension = z.object({
  group: z.enum(['observations', 'actions', 'rewards']),
  index: z.number().int(),
  name: z.string(),
  mean: scalar,
  standardDeviation: scalar,
  minimum: scalar,
  maximum: scalar,
  nonFinite: z.number().int(),
  constant: z.boolean(),
  shareAtBound: z.number().nullable(),
  histogram
})
export type Dimension = z.infer<typeof dimension>

export const datasetSummary = z.object({
  returns: histogram,
  lengths: histogram,
  dimensions: z.array(dimension),
  duplicateRows: z.number().int(),
  problems: z.array(z.object({ severity: z.enum(['info', 'warning', 'error']), text: z.string() }))
})
export type DatasetSummary = z.infer<typeof datasetSummary>

/** How one variant of an environment repeats recorded steps: largest difference over observation dimensions, each step. */
export const variantError = z.object({
  environmentId: z.string(),
  title: z.string(),
  median: scalar,
  p90: scalar,
  maximum: scalar,
  /** Of the rewards; null without rewards, and where the state does not tell them (mazes with goals). */
  rewardMedian: scalar.nullable(),
  rewardMaximum: scalar.nullable(),
  fits: z.boolean()
})
export type VariantError = z.infer<typeof variantError>

/** Recorded steps repeated in simulation, with the variant of the environment that repeats them. */
export const dynamicsCheck = z.object({
  /** Where states came from. */
  source: z.enum(['states', 'observations']),
  /** Rows drawn, and how many of them were stepped. */
  rows: z.number().int(),
  compared: z.number().int(),
  /** Rows left out: velocities at the observation's limit, no next observation, values that are not finite. */
  skipped: z.object({
    clipped: z.number().int(),
    withoutNext: z.number().int(),
    nonFinite: z.number().int()
  }),
  /** Leading observation dimensions that were compared. */
  dimensions: z.number().int(),
  /** Median difference that the rounding of the stored numbers alone makes, of the variant that fits best. */
  floor: scalar,
  variants: z.array(variantError),
  /** The variant that fits; null when none does. */
  fits: z.string().nullable(),
  sentence: z.string()
})
export type DynamicsCheck = z.infer<typeof dynamicsCheck>

export const datasetDynamics = z.object({
  /** Null when it was never run here. */
  check: dynamicsCheck.nullable(),
  /** Whether there is a simulated robot to check against. */
  checkable: z.boolean(),
  /** Which variant the name in the file stands for and why, or why there is none; null when the file names nothing. */
  because: z.string().nullable()
})
export type DatasetDynamics = z.infer<typeof datasetDynamics>

export const episodeRow = z.object({
  index: z.number().int(),
  length: z.number().int(),
  return: scalar,
  endReason,
  source: z.string()
})
export type EpisodeRow = z.infer<typeof episodeRow>

export const episodeColumns = z.object({
  index: z.number().int(),
  /** [T + 1, observation size] */
  observations: column,
  /** [T, action size], or [T] int32 for discrete actions */
  actions: column,
  /** [T] */
  rewards: column,
  endReason,
  return: scalar,
  /** `qpos` of a simulated robot, [T + 1, positions], float32; null where it is not known. */
  positions: column.nullable(),
  /** Recorded, or derived from observations with the way gone summed from velocities; null without positions. */
  positionsFrom: z.enum(['recorded', 'observations']).nullable()
})
export type EpisodeColumns = z.infer<typeof episodeColumns>

/** A choice that a file leaves open; `id` comes back in the answers. */
export const importQuestion = z.object({
  id: z.string(),
  text: z.string(),
  help: z.string(),
  options: z.array(z.object({ value: z.string(), label: z.string() })),
  /** With no default the import cannot be committed until it is answered. */
  default: z.string().nullable(),
  /** Free numeric lists (action bounds) are typed instead of chosen. */
  input: z.enum(['choice', 'multiple', 'numbers', 'text'])
})
export type ImportQuestion = z.infer<typeof importQuestion>

export const importReport = z.object({
  inspectionId: id,
  format: z.string(),
  formatTitle: z.string(),
  sourceName: z.string(),
  sizeBytes: z.number(),
  suggestedName: z.string(),
  environmentId: z.string().nullable(),
  /** Which variant the file's name for its environment stands for and why, or why there is none. */
  because: z.string().nullable(),
  /** Null where there is no simulated robot to check against. */
  dynamics: dynamicsCheck.nullable(),
  columns: z.array(
    z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.number().int()), use: z.string() })
  ),
  episodes: z.number().int(),
  transitions: z.number().int(),
  endReasons: z.record(endReason, z.number().int()),
  missingNextObservations: z.number().int(),
  actionSpace,
  observationShape: z.array(z.number().int()),
  returns: histogram,
  lengths: histogram,
  boundaries: z.array(
    z.object({ episode: z.number().int(), firstRow: z.number().int(), lastRow: z.number().int(), endReason })
  ),
  problems: z.array(z.object({ severity: z.enum(['info', 'warning', 'error']), text: z.string() })),
  questions: z.array(importQuestion)
})
export type ImportReport = z.infer<typeof importReport>

export const importProgress = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    phase: z.string(),
    done: z.number(),
    total: z.number(),
    memoryBytes: z.number()
  }),
  z.object({ kind: z.literal('report'), report: importReport }),
  z.object({ kind: z.literal('imported'), dataset })
])
export type ImportProgress = z.infer<typeof importProgress>

export const answers = z.record(z.string(), z.string())
export type ImportAnswers = z.infer<typeof answers>

/** Built-in datasets that are generated on this machine, such as the Crossroads demonstrations. */
export const recipe = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  environmentId: z.string()
})
export type Recipe = z.infer<typeof recipe>

export const datasetsContract = {
  list: call(z.object({ archived: z.boolean().default(false) }), z.array(dataset)),
  get: call(z.object({ id }), dataset),
  edit: call(
    z.object({ id, name: z.string().min(1).max(200).optional(), note: z.string().max(20_000).optional() }),
    dataset
  ),
  archive: call(z.object({ id, archived: z.boolean() }), dataset),
  /** Removes the dataset and its files; refused with `conflict` while runs use it. */
  remove: call(z.object({ id }), empty),
  /** What the source says about itself, by heading: who acted, with what noise, what was measured, authors, seeds. */
  card: call(z.object({ id }), z.record(z.string(), z.string())),
  summary: call(z.object({ id }), datasetSummary),
  episodes: call(
    z.object({
      id,
      ...page,
      sort: z.enum(['index', 'length', 'return', 'endReason', 'source']).default('index'),
      descending: z.boolean().default(false),
      /** Only episodes within these bounds, which count as within; `total` counts those. */
      minimumReturn: z.number().nullable().default(null),
      maximumReturn: z.number().nullable().default(null),
      minimumLength: z.number().nullable().default(null),
      maximumLength: z.number().nullable().default(null)
    }),
    z.object({ total: z.number().int(), rows: z.array(episodeRow) })
  ),
  /** How well simulation repeats the recorded steps. */
  dynamics: call(z.object({ id }), datasetDynamics),
  /** Runs the dynamics check again in a process of its own, seconds, and keeps its result. */
  checkDynamics: call(z.object({ id }), datasetDynamics),
  episode: call(z.object({ id, index: z.number().int().nonnegative() }), episodeColumns),
  /** Visits on a grid over two observation dimensions, with a sample of episode paths. */
  map: call(
    z.object({
      id,
      x: z.number().int(),
      y: z.number().int(),
      bins: z.number().int().min(8).max(200).default(80)
    }),
    z.object({
      x: z.object({ low: z.number(), high: z.number() }),
      y: z.object({ low: z.number(), high: z.number() }),
      /** [bins, bins] counts, row = y */
      counts: column,
      paths: z.array(z.object({ episode: z.number().int(), return: scalar, points: column }))
    })
  ),
  recipes: call(empty, z.array(recipe)),
  /** Generates a built-in dataset in its own process. */
  make: stream(
    z.object({ recipe: z.string(), seed: z.number().int().nonnegative().default(0) }),
    importProgress
  ),
  /** A new dataset of the episodes that pass the filter, with lineage to this one. */
  filter: call(
    z.object({
      id,
      name: z.string().min(1).max(200),
      minimumReturn: z.number().nullable().default(null),
      maximumReturn: z.number().nullable().default(null),
      minimumLength: z.number().int().nullable().default(null),
      maximumLength: z.number().int().nullable().default(null)
    }),
    dataset
  ),
  /** One dataset of all episodes of several with equal spaces; each episode keeps its `source`. */
  combine: call(z.object({ ids: z.array(id).min(2).max(32), name: z.string().min(1).max(200) }), dataset),
  follow: stream(empty, z.object({ changed: z.array(dataset), removed: z.array(id) }))
}

export const importsContract = {
  /** Reads a file in its own process and reports what it holds; nothing is written. Ends after the report. */
  inspect: stream(z.object({ handle: z.string().max(200) }), importProgress),
  /** Writes the dataset with the answers given; visible only when whole. */
  commit: stream(z.object({ inspectionId: id, name: z.string().min(1).max(200), answers }), importProgress),
  discard: call(z.object({ inspectionId: id }), empty)
}
