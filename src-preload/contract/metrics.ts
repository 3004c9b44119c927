import { z } from 'zod'
import { call, stream } from './define.ts'
import { column, id, scalar } from './values.ts'

/** What is known of a metric key; unknown keys are shown too, plainly. */
export const metricInfo = z.object({
  key: z.string(),
  title: z.string(),
  description: z.string(),
  unit: z.string().nullable(),
  /** True when more is better, false when less is, null when neither. */
  higherIsBetter: z.boolean().nullable(),
  section: z.enum(['evaluation', 'values', 'weights', 'losses', 'policy', 'gradients', 'system']),
  count: z.number().int(),
  last: scalar.nullable(),
  lastStep: z.number().int().nullable(),
  nonFinite: z.number().int()
})
export type MetricInfo = z.infer<typeof metricInfo>

/** One line, binned to at most `maxPoints` buckets with deterministic edges; raw where there are fewer points. */
export const series = z.object({
  runId: id,
  key: z.string(),
  /** Steps of the points, or bucket positions; float64 [n] */
  steps: column,
  /** Seconds since the run's start by its monotonic clock; float64 [n] */
  seconds: column,
  /** Mean of each bucket's finite values; equal to the value when raw; float64 [n] */
  values: column,
  minimum: column,
  maximum: column,
  raw: z.boolean(),
  total: z.number().int(),
  /** Points that are NaN or infinite, which no line can show; float64 steps and values [m] */
  nonFiniteSteps: column,
  nonFiniteValues: column,
  /** Steps at which a resumed run continues from a checkpoint. */
  seams: z.array(z.number().int()),
  /** Continue `follow` from here; opaque. */
  cursor: z.number().int()
})
export type Series = z.infer<typeof series>

export const point = z.object({
  runId: id,
  key: z.string(),
  step: z.number().int(),
  seconds: z.number(),
  value: scalar
})
export type Point = z.infer<typeof point>

export const metricsContract = {
  keys: call(z.object({ runIds: z.array(id).min(1).max(5000) }), z.array(metricInfo)),
  /** Several lines at once; `smoothing` in [0, 1) is a debiased exponential mean over full resolution, applied before binning. */
  series: call(
    z.object({
      runIds: z.array(id).min(1).max(200),
      key: z.string(),
      maxPoints: z.number().int().min(10).max(2000).default(1000),
      fromStep: z.number().nullable().default(null),
      toStep: z.number().nullable().default(null),
      smoothing: z.number().min(0).lt(1).default(0)
    }),
    z.array(series)
  ),
  /**
   * Replays stored points after the cursor, then goes live, in batches; a null cursor starts at the present, with a batch without
   * points that tells its cursor.
   */
  follow: stream(
    z.object({ runIds: z.array(id).min(1).max(5000), after: z.number().int().nullable().default(null) }),
    z.object({ cursor: z.number().int(), points: z.array(point) })
  )
}
