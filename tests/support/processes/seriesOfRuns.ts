/** A process that trains one run after the other, each as a trainer does, in calls of as many steps as it is told. */
import { parentChannel } from '../../../src-main/base/parentChannel.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { TrainingRun } from '../../../src-main/training/trainingRun.ts'

export interface Series {
  readonly jobs: readonly TrainingJob[]
  readonly callSteps: number
}
/** What each run said, in the order of the jobs. */
export type SeriesResult = readonly (readonly FromTrainer[])[]

const channel = parentChannel()

async function messagesOf(job: TrainingJob, callSteps: number): Promise<FromTrainer[]> {
  const messages: FromTrainer[] = []
  const own = {
    send: (message: unknown) => void messages.push(message as FromTrainer),
    flush: () => Promise.resolve()
  }
  await new TrainingRun(job, own).run({ adaptCallSteps: () => callSteps })
  return messages
}

async function main({ jobs, callSteps }: Series): Promise<void> {
  const said: FromTrainer[][] = []
  for (const job of jobs) said.push(await messagesOf(job, callSteps))
  channel.send(said satisfies SeriesResult)
  await channel.flush()
  process.exit(0)
}

channel.onMessage(series => void main(series as Series))
channel.onClose(() => process.exit(1))
