import { z } from 'zod'
import { importProgress } from './datasets.ts'
import { call, stream } from './define.ts'
import { empty, id, scalar, timestamp } from './values.ts'

/** Qualities of data, named as D4RL names them; `mixed-k` is k % of the best policy's and the rest of random actions. */
export const tier = z.enum([
  'random',
  'medium',
  'medium-replay',
  'expert',
  'medium-expert',
  'mixed-1',
  'mixed-5',
  'mixed-20'
])
export type Tier = z.infer<typeof tier>

/** How a behaviour is trained. */
export const learner = z.enum(['ppo', 'ars', 'sac'])
export type Learner = z.infer<typeof learner>

/** What can be collected from here, and how. */
export const collectOptions = z.object({
  learners: z.array(z.object({ id: learner, title: z.string(), summary: z.string() })),
  environments: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      /** Who can learn in it; none where actions are discrete, from which only random data are made. */
      learners: z.array(
        z.object({
          id: learner,
          /** Environment steps that bring it some way, as a proposal. */
          steps: z.number().int(),
          /** Memory that each step takes to the end of the training; null where nothing is kept. */
          bytesPerStep: z.number().int().nullable()
        })
      )
    })
  )
})
export type CollectOptions = z.infer<typeof collectOptions>

const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .default(0)
const transitions = z.number().int().min(1000).max(10_000_000).default(200_000)

/** What did the arithmetic of a training from an environment step on, until the next of these. */
export const stretch = z.object({
  /** Environment steps lived before it. */
  from: z.number().int(),
  /** Null for ARS, which needs none. */
  engine: z.object({ id: z.string(), version: z.string(), threads: z.number().int() }).nullable()
})
export type Stretch = z.infer<typeof stretch>

const lived = z.number().int()
const trainingProgress = z.object({
  stepsPerSecond: scalar,
  secondsLeft: scalar,
  /** Mean return of the last 20 episodes, exploration included; null before the first. */
  recentReturn: scalar.nullable()
})

/** A policy trained on this machine in order to make data. */
export const behaviourInfo = z.object({
  id: z.string(),
  environmentId: z.string(),
  learner,
  seed: z.number().int(),
  /** Environment steps asked for. */
  steps: z.number().int(),
  /** Environment steps lived, as of the last checkpoint or what its training said last. */
  lived,
  /** How its training goes; null when it does not train or has not told yet. */
  progress: trainingProgress.nullable(),
  /** While it trains: environment steps, and the mean return of the last 20 episodes as of then. */
  watched: z.array(z.tuple([lived, scalar])),
  /** `stopped` by a person, `interrupted` by the end of the app. */
  state: z.enum(['training', 'finished', 'stopped', 'interrupted', 'failed']),
  /** Why it failed. */
  reason: z.string().nullable(),
  /** One sentence about checkpoints that cannot be read; no data are made of it until that is put right. */
  problem: z.string().nullable(),
  createdAt: timestamp,
  /** By what it was trained, in order; neighbours differ. Empty for those of versions that did not tell. */
  stretches: z.array(stretch),
  /** Whether its training can go on from its last checkpoint. */
  resumable: z.boolean(),
  /** Whether what it lived through was kept, for the replay tier. */
  hasReplay: z.boolean(),
  checkpoints: z.array(
    z.object({
      steps: z.number().int(),
      /** Mean undiscounted return without noise. */
      meanReturn: scalar,
      /** Over its episodes, divisor n - 1. */
      standardDeviation: scalar,
      score: scalar.nullable()
    })
  )
})
export type BehaviourInfo = z.infer<typeof behaviourInfo>

/** A folder among the behaviours that cannot be told what it is. */
export const damagedBehaviour = z.object({
  /** Of the folder. */
  name: z.string(),
  /** Where, what is wrong, and what to do, in one sentence. */
  problem: z.string()
})
export type DamagedBehaviour = z.infer<typeof damagedBehaviour>

/** What was trained here, newest first, and what is left of damaged ones. */
export const behaviourList = z.object({
  behaviours: z.array(behaviourInfo),
  damaged: z.array(damagedBehaviour)
})
export type BehaviourList = z.infer<typeof behaviourList>

/** What is other than before; the first items of a stream hold everything. */
export const behaviourChanges = z.object({
  /** New ones, and those of which more changed than how far they are. */
  changed: z.array(behaviourInfo),
  /** Those that came further. */
  progressed: z.array(behaviourInfo.pick({ id: true, lived: true, progress: true })),
  damaged: z.array(damagedBehaviour),
  /** Ids, and names of damaged folders, that are gone. */
  removed: z.array(z.string())
})
export type BehaviourChanges = z.infer<typeof behaviourChanges>

export const collectContract = {
  options: call(empty, collectOptions),
  /** Starts to train; a behaviour of equal environment, learner and seed is trained anew only after it was removed. */
  train: call(
    z.object({
      environmentId: z.string(),
      learner: learner.default('ppo'),
      steps: z.number().int().min(2048).max(100_000_000),
      seed
    }),
    behaviourInfo
  ),
  /** Lets a training that ended before its time go on from its last checkpoint, as if it had never ended. */
  resume: call(z.object({ id }), behaviourInfo),
  /** Ends a training; what was reached stays. */
  stop: call(z.object({ id }), empty),
  remove: call(z.object({ id }), empty),
  get: call(z.object({ id }), behaviourInfo),
  /** As many from an offset on as fit a frame; none beyond the last. Damaged ones come with the first. */
  list: call(z.object({ offset: z.number().int().min(0).default(0) }), behaviourList),
  /** All behaviours, then what changes. */
  follow: stream(empty, behaviourChanges),
  /** Makes a dataset of a behaviour; ends with the dataset. */
  make: stream(
    z.object({
      ...{ id, tier, transitions, seed },
      /** Standard deviation of the noise on a trained policy's actions. */
      noise: z.number().min(0).max(1).default(0.1)
    }),
    importProgress
  ),
  /** Makes a dataset of uniform random actions, which needs no behaviour; ends with the dataset. */
  makeRandom: stream(z.object({ environmentId: z.string(), transitions, seed }), importProgress)
}
