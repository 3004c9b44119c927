/** Entry of the collector process: trains one behaviour, or makes one tier of data from it; then it exits. */
import { memoryUsage } from 'node:process'
import type { WireError } from '../../src-preload/contract/errors.ts'
import { invariant, messageOf, UserError } from '../base/errors.ts'
import { parentChannel } from '../base/parentChannel.ts'
import { engineById } from '../compute/index.ts'
import { writeDataset } from '../datasets/columns.ts'
import type { TierJob } from '../datasets/importMessages.ts'
import { tierDataset } from './card.ts'
import { readBehaviours } from './checkpointFiles.ts'
import { knownEnvironment } from './learners.ts'
import { readLived } from './livedFiles.ts'
import type { ToCollector, TrainJob } from './messages.ts'
import { createProgress } from './progress.ts'
import { makeTier } from './tiers.ts'
import { trainBehaviour } from './train.ts'

/** Behaviours are small networks: one engine that is always here serves them. */
const engineId = 'onnx'
/** Environment steps between two checkpoints; long trainings have a hundred. */
const checkpointEvery = 20_480
const mostCheckpoints = 100
const evaluationEpisodes = 10
/** Environment steps that are kept for the replay tiers. */
const replaySteps = 500_000

const channel = parentChannel()
const stopping = new AbortController()
channel.onClose(() => process.exit(1))
channel.onMessage(message => {
  const order = message as ToCollector
  if (order.kind === 'stop') stopping.abort()
  else void run(order)
})
process.on('SIGINT', () => undefined)
channel.send({ kind: 'ready', memoryBytes: memoryUsage.rss() })

async function run(job: TrainJob | TierJob): Promise<void> {
  try {
    channel.send(job.kind === 'train' ? await train(job) : await make(job))
  } catch (error) {
    channel.send({ kind: 'failed', error: wireError(error) })
  }
  await channel.flush()
  process.exit(0)
}

const wireError = (error: unknown): WireError => ({
  code: error instanceof UserError ? error.code : 'internal',
  message: messageOf(error),
  details: error instanceof UserError ? { ...error.details } : {}
})

async function train({ environmentId, learner, seed, steps, folder, resume }: TrainJob) {
  const progress = createProgress(message => channel.send(message))
  const hasEnded = await trainBehaviour({
    environment: knownEnvironment(environmentId),
    engine: await engineById(engineId),
    ...{ folder, learner, seed, steps, evaluationEpisodes, replaySteps, resume },
    checkpointEvery: Math.max(checkpointEvery, Math.ceil(steps / mostCheckpoints)),
    onStart: stretch => channel.send({ kind: 'started', ...stretch }),
    onCheckpoint: lived => channel.send({ kind: 'checkpoint', steps: lived }),
    onProgress: progress,
    signal: stopping.signal
  })
  return { kind: 'finished', stopped: !hasEnded }
}

async function make(job: TierJob) {
  const { environmentId, tier, transitions, seed, noise, staging } = job
  const progress = async (phase: string, done: number): Promise<void> => {
    channel.send({ kind: 'progress', phase, done, total: transitions, memoryBytes: memoryUsage.rss() })
    await new Promise(resolve => setImmediate(resolve))
  }
  await progress('reading the behaviour', 0)
  const request = {
    environment: knownEnvironment(environmentId),
    engine: await engineById(engineId),
    behaviours: tier === 'random' ? [] : await readBehaviours(folderOf(job)),
    replay: () => readLived(folderOf(job)),
    ...{ tier, transitions, seed, noise },
    onProgress: (done: number) => progress('simulating', done)
  }
  const parts = await makeTier(request)
  await progress('writing', transitions)
  const { description, columns } = tierDataset(request, parts)
  const { id } = await writeDataset(staging, description, columns)
  return { kind: 'written', id }
}

function folderOf({ folder, tier }: TierJob): string {
  invariant(folder !== null, `the ${tier} tier needs a behaviour`)
  return folder
}
