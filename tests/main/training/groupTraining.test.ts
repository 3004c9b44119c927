import { expect, test } from 'vitest'
import { newestCheckpoint } from '../../../src-main/training/checkpoints.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { join } from 'node:path'
import { startGroup } from './groupProcess.ts'
import { curvesOf, jobFor, ofKind, runToEnd } from './process.ts'
import { bytesOf, onDisk, temporaryFolder, walks } from './support.ts'

const folder = await onDisk(walks())

/** Jobs that differ in seed and in their learning rate. */
const jobsFor = (count: number, change: Partial<TrainingJob> = {}): TrainingJob[] =>
  Array.from({ length: count }, (_, seed) =>
    jobFor(folder, {
      ...{ runId: `run-${seed}`, seed, lanes: count, folder: temporaryFolder(), algorithm: 'iql' },
      ...change,
      config: { actorLearningRate: 1e-3 * (1 + seed), ...change.config }
    })
  )
const alone = ({ lanes: _, ...job }: TrainingJob): TrainingJob => ({ ...job, folder: temporaryFolder() })
const end = (messages: readonly FromTrainer[]) => ofKind(messages, 'ended')[0]
const isCheckpoint = (message: FromTrainer): boolean => message.kind === 'checkpoint'

/** Curves but for those that depend on time. */
const timeless = (messages: readonly FromTrainer[]) =>
  Object.fromEntries(Object.entries(curvesOf(messages)).filter(([key]) => !key.startsWith('time/')))
const stateOf = async (job: TrainingJob) => {
  const { checkpoint } = await newestCheckpoint(join(job.folder, 'checkpoints'))
  return { step: checkpoint!.snapshot.step, bytes: bytesOf(checkpoint!.snapshot.state) }
}

test('runs in one graph on the op-by-op engine are bit for bit as alone', async () => {
  const jobs = jobsFor(3)
  const group = startGroup(jobs)
  expect(await group.exited).toBeNull()
  for (const job of jobs) {
    const said = group.messages.get(job.runId)!
    expect(end(said)).toMatchObject({ state: 'finished', reason: null })
    const own = alone(job)
    expect(timeless(said)).toEqual(timeless(await runToEnd(own)))
    expect(await stateOf(job)).toEqual(await stateOf(own))
  }
}, 60_000)
