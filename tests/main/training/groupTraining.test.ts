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
const atStep =
  (step: number) =>
  (message: FromTrainer): boolean =>
    message.kind === 'checkpoint' && message.step >= step

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

test('a killed group goes on, run by run or together, with the bits of one that was not killed', async () => {
  const engine = 'onnx'
  const long = { engine, config: { gradientSteps: 3000, checkpointEvery: 500, logEvery: 500 } }
  const whole = jobsFor(3, long)
  const uninterrupted = startGroup(whole)
  const jobs = whole.map(job => ({ ...job, folder: temporaryFolder() }))
  await uninterrupted.exited
  const killed = startGroup(jobs)
  await killed.until('run-2', atStep(1000))
  killed.kill()
  expect(await killed.exited).toBe('SIGKILL')
  const resumed = jobs.map(job => ({ ...job, resume: true }))
  const pair = startGroup(resumed.slice(0, 2).map(job => ({ ...job, lanes: 2 })))
  expect(await pair.exited).toBeNull()
  const single = startGroup([{ ...resumed[2], lanes: 1 }])
  expect(await single.exited).toBeNull()
  for (const [i, job] of jobs.entries()) {
    const said = (i < 2 ? pair : single).messages.get(job.runId)!
    expect(ofKind(said, 'started')[0]).toMatchObject({ bitExact: true })
    expect(end(said)).toMatchObject({ state: 'finished', reason: null })
    expect(await stateOf(job)).toEqual(await stateOf(whole[i]))
  }
}, 120_000)

test('one of three is paused, later goes on by itself, and a run alone knows that its bits differ', async () => {
  const jobs = jobsFor(3, {
    engine: 'onnx',
    config: { gradientSteps: 20_000, checkpointEvery: 1000, logEvery: 500 }
  })
  const group = startGroup(jobs)
  await group.until('run-1', atStep(1000))
  group.send('run-1', { kind: 'pause' })
  await group.until('run-1', ({ kind }) => kind === 'ended')
  group.send('run-0', { kind: 'stop' })
  group.send('run-2', { kind: 'stop' })
  expect(await group.exited).toBeNull()
  const states = jobs.map(({ runId }) => end(group.messages.get(runId)!).state)
  expect(states).toEqual(['stopped', 'paused', 'stopped'])
  const { lanes: _, ...byItself } = jobs[1]
  const config = { ...byItself.config, gradientSteps: 20_000 }
  const said = await runToEnd({ ...byItself, config, resume: true })
  expect(ofKind(said, 'started')[0]).toMatchObject({ bitExact: false })
  expect(end(said)).toMatchObject({ state: 'finished' })
}, 120_000)
