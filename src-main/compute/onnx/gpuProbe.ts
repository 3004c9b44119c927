/** Entry of the process that tries a graphics provider once and exits: drivers crash, and hang, and take a process with them. */
import { availableParallelism } from 'node:os'
import { messageOf } from '../../base/errors.ts'
import { parentChannel, type ParentChannel } from '../../base/parentChannel.ts'
import { gpuProviders } from './providers.ts'
import { tryProvider } from './trial.ts'
import type { Trial } from './verdicts.ts'

export interface ProbeJob {
  readonly id: string
}

const channel = parentChannel()
channel.onClose(() => process.exit(1))
channel.onMessage(message => void run(message as ProbeJob, channel))

async function run({ id }: ProbeJob, parent: ParentChannel): Promise<void> {
  parent.send(await answer(id))
  await parent.flush()
  process.exit(0)
}

async function answer(id: string): Promise<Trial> {
  const gpu = gpuProviders.find(provider => provider.id === id)
  if (gpu === undefined) return { failure: `there is no provider '${id}'.` }
  try {
    return await tryProvider(gpu, availableParallelism())
  } catch (error) {
    return { failure: `the trial failed: ${messageOf(error)}` }
  }
}
