import { z } from 'zod'
import { call } from './define.ts'
import { id, scalar, scalar as value } from './values.ts'

const statistic = z.object({
  n: z.number().int(),
  mean: value,
  median: value,
  /** Sample standard deviation over seeds; NaN for n = 1. */
  standardDeviation: value,
  interquartileMean: value,
  /** 95 % percentile bootstrap interval of the mean over seeds. */
  low: value,
  high: value,
  values: z.array(value)
})
export type Statistic = z.infer<typeof statistic>

export const comparisonGroup = z.object({
  groupKey: z.string(),
  name: z.string(),
  algorithm: z.string(),
  datasetId: id,
  colour: z.number().int(),
  runIds: z.array(id),
  seeds: z.array(z.number().int()),
  /** Of the last evaluation of each seed. */
  finalReturn: statistic,
  finalScore: statistic.nullable(),
  finalLength: statistic,
  bestReturn: statistic,
  stepsPerSecond: statistic,
  /** Runs that wait, train, or stopped early. */
  unfinished: z.number().int(),
  /** Runs that failed or diverged. */
  broken: z.number().int()
})
export type ComparisonGroup = z.infer<typeof comparisonGroup>

export const comparison = z.object({
  groups: z.array(comparisonGroup),
  /** Settings that differ between the groups first; one value a group, in the order of `groups`. */
  differences: z.array(z.object({ field: z.string(), title: z.string(), values: z.array(z.unknown()) })),
  shared: z.array(z.object({ field: z.string(), title: z.string(), value: z.unknown() })),
  /** Permanent lines: mean and best return of each dataset involved, score references of the environment. */
  references: z.array(
    z.object({
      label: z.string(),
      value: scalar,
      kind: z.enum(['dataMean', 'dataBest', 'low', 'high']),
      /** Where a score reference comes from; shown wherever scores are. */
      source: z.string().optional()
    })
  ),
  /** Probability that a run of the row's group beats one of the column's (ties half); [groups][groups]. */
  probabilityOfImprovement: z.array(z.array(value)),
  /** What keeps the groups from being comparable, such as different datasets or evaluation protocols. */
  warnings: z.array(z.string())
})
export type Comparison = z.infer<typeof comparison>

/** What others report for an algorithm on a data set of D4RL. */
export const publishedScore = z.object({
  datasetId: id,
  /** D4RL's name of the data set that was scored. */
  dataset: z.string(),
  /** Whether the dataset bears that name; else it is of the same robot and tier, or maze, and the score is of other data. */
  same: z.boolean(),
  algorithm: z.string(),
  /** Normalised, 0 to 100. */
  score: z.number(),
  deviation: z.number(),
  /** Short, for a label. */
  source: z.string(),
  citation: z.string()
})
export type PublishedScore = z.infer<typeof publishedScore>

export const compareContract = {
  compare: call(z.object({ runIds: z.array(id).min(1).max(5000) }), comparison),
  /** Published scores beside which runs on these datasets may be read; empty where none are known. */
  published: call(z.object({ datasetIds: z.array(id).max(500) }), z.array(publishedScore))
}
