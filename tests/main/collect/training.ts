/** A training small enough for a test; in a process of its own when it is started as one, so that it can be killed. */
import { parentChannel } from '../../../src-main/base/parentChannel.ts'
import { trainBehaviour } from '../../../src-main/collect/train.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { environmentById } from '../../../src-main/environments/index.ts'
import type { Learner } from '../../../src-preload/contract/collect.ts'

const settings: Readonly<Record<Learner, Readonly<Record<string, unknown>>>> = {
  ppo: { hiddenSizes: [8], lanes: 3, rolloutSteps: 300, epochs: 2, minibatch: 50 },
  ars: { directions: 1, top: 1 },
  sac: { hiddenSizes: [8], lanes: 2, updateEvery: 20, batch: 16, startSteps: 400, capacity: 1200 }
}

export interface SmallTraining {
  readonly learner: Learner
  readonly folder: string
  readonly resume?: boolean
  readonly onCheckpoint?: (steps: number) => void
  readonly signal?: AbortSignal
}

/** Trains on the pendulum with a checkpoint every 600 steps or so. */
export async function trainSmall(request: SmallTraining): Promise<void> {
  await trainBehaviour({
    ...{ environment: environmentById('pendulum')!, engine: await engineById('onnx'), seed: 3 },
    ...{ steps: 3000, checkpointEvery: 600, evaluationEpisodes: 2, replaySteps: 2000 },
    ...{ settings: settings[request.learner], onCheckpoint: () => undefined, ...request }
  })
}

if (process.send !== undefined && process.env['SMALL_TRAINING'] !== undefined) {
  const channel = parentChannel()
  const request = JSON.parse(process.env['SMALL_TRAINING']) as SmallTraining
  await trainSmall({ ...request, onCheckpoint: steps => channel.send(steps) })
}
