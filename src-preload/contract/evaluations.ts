import { z } from 'zod'
import { call, stream } from './define.ts'
import { column, id, scalar, timestamp } from './values.ts'

export const evaluation = z.object({
  runId: id,
  step: z.number().int(),
  at: timestamp,
  /** Seconds since the run's start. */
  seconds: z.number(),
  /** [episodes] float64 */
  returns: column,
  /** [episodes] int32 */
  lengths: column,
  /** Where each episode ended: the environment's outcome word, such as `goal`, `fell`, `time`. */
  outcomes: z.array(z.string()),
  meanReturn: scalar,
  standardDeviation: scalar,
  meanLength: scalar,
  score: scalar.nullable(),
  failedEpisodes: z.number().int(),
  /** Ids of the rollouts kept whole. */
  rollouts: z.array(z.number().int())
})
export type Evaluation = z.infer<typeof evaluation>

/** An evaluation made on request; it is no point of a learning curve, and nothing of it is stored but rollouts asked for. */
export const freshEvaluation = z.object({
  runId: id,
  /** Of the checkpoint. */
  step: z.number().int(),
  episodes: z.number().int(),
  /** [episodes] */
  returns: z.array(scalar),
  /** [episodes] */
  lengths: z.array(z.number().int()),
  /** [episodes], the environment's outcome words */
  outcomes: z.array(z.string()),
  meanReturn: scalar,
  /** Over episodes, divisor n - 1. */
  standardDeviation: scalar,
  meanLength: scalar,
  score: scalar.nullable(),
  failedEpisodes: z.number().int(),
  /** Episodes that were kept whole; found as rollouts of the stored evaluation of the same step. */
  rollouts: z.array(z.number().int())
})
export type FreshEvaluation = z.infer<typeof freshEvaluation>

/** A place to arrive at and how near, in the units of the environment's map. */
export const episodeGoal = z.object({ x: z.number(), y: z.number(), radius: z.number().positive() })
export type EpisodeGoal = z.infer<typeof episodeGoal>

export const rollout = z.object({
  runId: id,
  step: z.number().int(),
  episode: z.number().int(),
  environmentId: z.string(),
  return: scalar,
  outcome: z.string(),
  /**
   * [T + 1, observation size], as the environment gave them; of a robot they follow from its joints, with velocities and what is
   * not of joints rounded to half precision
   */
  observations: column,
  /** [T, action size] or [T] int32 */
  actions: column,
  rewards: column,
  /** Q(s_t, a_t) of the taken action; null for algorithms without Q */
  qValues: column.nullable(),
  /** V(s_t); null for algorithms without V */
  values: column.nullable(),
  /** The advantage of the taken action, [T]; null for algorithms without values. */
  advantages: column.nullable(),
  /**
   * `q`: Q(s_t, a_t) - V(s_t). `return`: what was really earned minus V(s_t), for algorithms with V alone: the discounted rewards from
   * t to the end, V(s_T) standing for what a time limit cut off; NaN in failed episodes.
   */
  advantageFrom: z.enum(['q', 'return']).nullable(),
  /** `qpos` [T + 1, nq] of a simulated robot; null for other environments and for rollouts kept before it was recorded */
  positions: column.nullable(),
  /**
   * Where the episode was to arrive, drawn anew for each, in the units of the environment's map; null where the goal is the same for
   * all episodes, where there is none, and for rollouts kept before it was recorded
   */
  goal: episodeGoal.nullable()
})
export type Rollout = z.infer<typeof rollout>

export const evaluationsContract = {
  /**
   * Evaluates a checkpoint's policy now, the newest one for null. Episode i starts and goes on by the same random numbers as
   * episode i of the evaluations during training. The first `keep` episodes are kept for replay, with the evaluation of the same step,
   * which there has to be then.
   */
  run: call(
    z.object({
      runId: id,
      checkpointStep: z.number().int().nonnegative().nullable().default(null),
      episodes: z.number().int().min(1).max(10_000).default(100),
      keep: z.number().int().min(0).max(20).default(0)
    }),
    freshEvaluation
  ),
  list: call(z.object({ runId: id }), z.array(evaluation)),
  rollout: call(z.object({ runId: id, step: z.number().int(), episode: z.number().int() }), rollout),
  /**
   * Stored evaluations of these runs, an empty page that ends them, then new ones as they finish, each with its kept rollouts already
   * readable. A run that is gone has none.
   */
  follow: stream(z.object({ runIds: z.array(id).min(1).max(5000) }), z.array(evaluation))
}
