import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ExecutionMode } from '../../../src-preload/contract/execution.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { LaneGroup } from '../../../src-main/compute/stacked/laneGroup.ts'
import { newestCheckpoint } from '../../../src-main/training/checkpoints.ts'
import { train } from '../../../src-main/training/loop.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { TrainingRun } from '../../../src-main/training/trainingRun.ts'
import { describeOnly } from '../../support/engines.ts'
import { jobFor, ofKind, runToEnd, startTrainer } from './process.ts'
import { collect, resultOf, resultOfMessages } from './results.ts'
import { onDisk, partsFor, recordingHooks, walks } from './support.ts'

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})

/** Runs as `eager` does and says that steps ran in this mode, after the first call that came through. */
const engineIn = (mode: ExecutionMode): Engine => ({
  ...eagerEngine,
  async compile(program, options) {
    const session = await eagerEngine.compile(program, options)
    let told = false
    return {
      load: state => session.load(state),
      setColumns: columns => session.setColumns(columns),
      read: () => session.read(),
      close: () => session.close(),
      async run(request) {
        const result = await session.run(request)
        if (!told) options.runsAs?.({ mode, reason: 'a test' })
        told = true
        return result
      }
    }
  }
})

/** What a run says, which is paused as soon as it has told how its steps run. */
async function pausedIn(mode: ExecutionMode, job: TrainingJob): Promise<FromTrainer[]> {
  const messages: FromTrainer[] = []
  const take = (message: FromTrainer): void => {
    messages.push(message)
    if (message.kind === 'runsAs') run.leave('pause')
  }
  const run = new TrainingRun(job, {
    send: message => take(message as FromTrainer),
    flush: () => Promise.resolve()
  })
  await run.run({ engine: engineIn(mode) })
  return messages
}

const recordedOf = async ({ folder }: TrainingJob) =>
  (await newestCheckpoint(join(folder, 'checkpoints'))).checkpoint?.run.engine.execution
const warningsOf = (messages: readonly FromTrainer[]) =>
  ofKind(messages, 'log').flatMap(({ level, text }) => (level === 'warning' ? [text] : []))

describe('how the steps of a run ran', () => {
  test('is told by the trainer and stands in its checkpoints; a resume in another way is not bit-exact', async () => {
    const execution = { mode: 'graph', reason: 'a test' }
    const job = jobFor(dataset, { config: { gradientSteps: 100_000 } })
    const first = await pausedIn('graph', job)
    expect(ofKind(first, 'runsAs')).toEqual([{ kind: 'runsAs', execution, bitExact: true }])
    expect(await recordedOf(job)).toEqual(execution)

    const second = await pausedIn('graph', { ...job, resume: true })
    expect(ofKind(second, 'started')[0]).toMatchObject({ bitExact: true, engine: { execution } })
    expect(ofKind(second, 'runsAs')).toMatchObject([{ bitExact: true }])
    expect(warningsOf(second)).toEqual([])

    const third = await pausedIn('xla', { ...job, resume: true })
    expect(ofKind(third, 'runsAs')).toMatchObject([{ execution: { mode: 'xla' }, bitExact: false }])
    expect(warningsOf(third)).toEqual([
      expect.stringMatching(/compiled by XLA.*before the resume ran node by node.*bit for bit/)
    ])
    expect(await recordedOf(job)).toEqual({ mode: 'xla', reason: 'a test' })
  })

  test('is told to every run of a graph that several share', async () => {
    const group = new LaneGroup(engineIn('xla'), 2)
    const told = await Promise.all(
      [0, 1].map(async seed => {
        const member = group.join()
        const modes: string[] = []
        const runsAs = ({ mode }: { readonly mode: string }) => void modes.push(mode)
        const hooks = { ...recordingHooks().hooks, runsAs }
        const parts = { ...partsFor('bc', walks()), seed, engine: member.engine }
        await train(parts, null, hooks).finally(() => member.leave())
        return modes
      })
    )
    expect(told).toEqual([['xla'], ['xla']])
  })

  test('is not told by an engine that has one way', async () => {
    const job = jobFor(dataset)
    const messages = await runToEnd(job)
    expect(messages.at(-1)).toMatchObject({ state: 'finished' })
    expect(ofKind(messages, 'runsAs')).toEqual([])
    expect(await recordedOf(job)).toBeUndefined()
  })
})

describeOnly('tensorflow', 'how the steps of a run ran', ({ id: engine }) => {
  test('is told with the reason', { timeout: 120_000 }, async () => {
    const job = jobFor(dataset, { engine })
    const told = ofKind(await runToEnd(job), 'runsAs')
    expect(told).toEqual([
      {
        kind: 'runsAs',
        execution: {
          mode: expect.stringMatching(/^(graph|xla)$/) as string,
          reason: expect.stringMatching(/.{10}/) as string
        },
        bitExact: true
      }
    ])
    expect(await recordedOf(job)).toEqual(told[0].execution)
  })

  test('is compilation by XLA where that is asked for: kill and resume leave its bits as they are', async () => {
    const options = { environment: { STITCHWORK_TENSORFLOW_MODE: 'xla' } }
    const config = { gradientSteps: 150, checkpointEvery: 25, logEvery: 20 }
    // On one thread of a processor it is not taken.
    const newJob = (): TrainingJob => jobFor(dataset, { engine, threads: 2, config })
    const [whole, parts] = [newJob(), newJob()]
    const unbroken = await runToEnd(whole, options)
    const killed = startTrainer(parts, options)
    await killed.until(({ kind }) => kind === 'checkpoint')
    killed.child.kill()
    await killed.exited
    const rest = await runToEnd({ ...parts, resume: true }, options)

    expect(ofKind(unbroken, 'runsAs')).toMatchObject([{ execution: { mode: 'xla' }, bitExact: true }])
    expect(await recordedOf(whole)).toMatchObject({ mode: 'xla' })
    expect(ofKind(rest, 'started')).toMatchObject([
      { resumedFrom: expect.any(Number) as number, bitExact: true, engine: { execution: { mode: 'xla' } } }
    ])
    expect(ofKind(rest, 'runsAs')).toMatchObject([{ execution: { mode: 'xla' }, bitExact: true }])
    const curves = collect(collect(new Map(), killed.messages), rest)
    expect(await resultOf(parts, curves)).toEqual(await resultOfMessages(whole, unbroken))
  }, 240_000)
})
