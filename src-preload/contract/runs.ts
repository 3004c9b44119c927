import { z } from 'zod'
import { call, stream } from './define.ts'
import { execution } from './execution.ts'
import { precision } from './precision.ts'
import { empty, id, json, scalar, timestamp } from './values.ts'

/**
 * `interrupted`: its process or the app was killed; it can be resumed.
 * `failed`: a bug or a refused setting; `diverged`: a non-finite step stopped it.
 */
export const runState = z.enum([
  'queued',
  'starting',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'finished',
  'failed',
  'diverged',
  'interrupted'
])
export type RunState = z.infer<typeof runState>

export const runProgress = z.object({
  step: z.number().int(),
  totalSteps: z.number().int(),
  stepsPerSecond: scalar,
  /** Null while unknown. */
  secondsLeft: z.number().nullable(),
  nextEvaluationStep: z.number().int().nullable(),
  lastCheckpointStep: z.number().int().nullable(),
  lastCheckpointAt: timestamp.nullable(),
  memoryBytes: z.number(),
  phase: z.string()
})
export type RunProgress = z.infer<typeof runProgress>

export const run = z.object({
  id,
  name: z.string(),
  note: z.string(),
  experimentId: id,
  experimentName: z.string(),
  /** Equal for runs that differ only in seed. */
  groupKey: z.string(),
  groupName: z.string(),
  datasetId: id,
  datasetName: z.string(),
  environmentId: z.string().nullable(),
  algorithm: z.string(),
  seed: z.number().int(),
  config: json,
  /** Index into the palette; kept for the life of the group, the same in every view. */
  colour: z.number().int(),
  state: runState,
  /** One sentence for failed, diverged and interrupted. */
  reason: z.string().nullable(),
  progress: runProgress,
  /** As asked for; what was used stands in `engine`. */
  precision,
  engine: z
    .object({
      id: z.string(),
      version: z.string(),
      threads: z.number().int(),
      device: z.string(),
      precision,
      /** Runs that began in one graph with it, itself included; absent for a run that trains by itself. */
      lanes: z.number().int().optional(),
      /** How its steps run, once some have; absent for engines that have one way, and in runs before it was recorded. */
      execution: execution.optional()
    })
    .nullable(),
  /** False when it was resumed with another engine, version, thread count, precision or way of running. */
  bitExact: z.boolean(),
  finalReturn: scalar.nullable(),
  finalScore: scalar.nullable(),
  bestReturn: scalar.nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  /** Seconds spent training and evaluating, from the monotonic clock. */
  activeSeconds: z.number(),
  queuePosition: z.number().int().nullable(),
  archived: z.boolean()
})
export type Run = z.infer<typeof run>

/** Whether runs that differ only in numbers train as one batched graph. */
export const seedsInOneGraph = z.enum(['auto', 'on', 'off'])
export type SeedsInOneGraph = z.infer<typeof seedsInOneGraph>

/** What a person asks for: every dataset x algorithm x seed becomes a run of one experiment. */
export const plan = z.object({
  name: z.string().max(200),
  datasets: z.array(id).min(1).max(32),
  algorithms: z
    .array(z.object({ algorithm: z.string(), config: json, label: z.string().max(80).optional() }))
    .min(1)
    .max(32),
  seeds: z.array(z.number().int().nonnegative()).min(1).max(100),
  engine: z.string().default('auto'),
  /** Threads per run; 0 divides the cores among the slots. */
  threads: z.number().int().min(0).max(256).default(0),
  /** Of matrix products in training steps; a choice for speed, recorded with every run. */
  precision: precision.default('float32'),
  /**
   * Whether runs that differ only in seed, or in numbers such as learning rates, train as one batched graph in one process, each with
   * its own curves and checkpoints. `auto`, which also stands for none: on graphics devices, where one run alone leaves most of the
   * device idle.
   */
  seedsInOneGraph: seedsInOneGraph.optional()
})
export type Plan = z.infer<typeof plan>

export const checkpoint = z.object({
  step: z.number().int(),
  createdAt: timestamp,
  sizeBytes: z.number(),
  kind: z.enum(['periodic', 'final', 'pause'])
})
export type Checkpoint = z.infer<typeof checkpoint>

export const logLine = z.object({
  sequence: z.number().int(),
  at: timestamp,
  level: z.enum(['info', 'warning', 'error']),
  step: z.number().int().nullable(),
  text: z.string()
})
export type LogLine = z.infer<typeof logLine>

export const runsContract = {
  /** Newest first; at most as many as fit a frame (some 500), so ask again with a larger offset until none comes. */
  list: call(
    z.object({
      archived: z.boolean().default(false),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(1000).default(1000)
    }),
    z.array(run)
  ),
  get: call(z.object({ id }), run),
  /** Checks a plan without starting it: problems by algorithm and field, number of runs, estimated time. */
  estimate: call(
    plan,
    z.object({
      runs: z.number().int(),
      /** Null when this machine has not yet measured such a network. */
      seconds: z.number().nullable(),
      basis: z.string(),
      /** What the rollouts that are kept need on disk at most, for all runs; 0 without an environment. */
      rolloutBytes: z.number(),
      problems: z.array(
        z.object({ algorithm: z.string().nullable(), field: z.string().nullable(), text: z.string() })
      )
    })
  ),
  /** `runs` and the answers of the actions below hold as many runs as fit a frame (some 500), in order; `follow` tells of all. */
  create: call(plan, z.object({ experimentId: id, runIds: z.array(id), runs: z.array(run) })),
  pause: call(z.object({ ids: z.array(id).min(1) }), z.array(run)),
  resume: call(z.object({ ids: z.array(id).min(1), allowInexact: z.boolean().default(false) }), z.array(run)),
  stop: call(z.object({ ids: z.array(id).min(1) }), z.array(run)),
  edit: call(
    z.object({ id, name: z.string().min(1).max(200).optional(), note: z.string().max(20_000).optional() }),
    run
  ),
  archive: call(z.object({ ids: z.array(id).min(1), archived: z.boolean() }), z.array(run)),
  remove: call(z.object({ ids: z.array(id).min(1) }), empty),
  checkpoints: call(z.object({ id }), z.array(checkpoint)),
  log: call(
    z.object({
      id,
      after: z.number().int().default(-1),
      limit: z.number().int().min(1).max(1000).default(500)
    }),
    z.array(logLine)
  ),
  /** The present state of every run, then changes as they come. */
  follow: stream(empty, z.object({ changed: z.array(run), removed: z.array(id) })),
  followLog: stream(z.object({ id, after: z.number().int().default(-1) }), z.array(logLine)),
  /** Writes the export on the host and returns its folder's name under the home folder's exports. */
  export: call(
    z.object({
      id,
      what: z.enum(['policy', 'metrics', 'folder']),
      checkpointStep: z.number().int().nullable().default(null)
    }),
    z.object({ name: z.string(), sizeBytes: z.number(), checked: z.string().nullable() })
  ),
  slots: call(
    z.object({ set: z.number().int().min(1).max(64).nullable().default(null) }),
    z.object({ slots: z.number().int(), cores: z.number().int() })
  )
}
