import { fork, type Serializable } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { checkpointName, newestCheckpoint, readCheckpoint } from '../../../src-main/training/checkpoints.ts'
import type { FromTrainer } from '../../../src-main/training/messages.ts'
import { readRollout } from '../../../src-main/training/rolloutFiles.ts'
import { curvesOf, jobFor, ofKind, runToEnd, startTrainer } from './process.ts'
import { bytesOf, onDisk, walks } from './support.ts'

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})
const checkpointsOf = (job: { readonly folder: string }) => join(job.folder, 'checkpoints')
const stateAt = async (job: { readonly folder: string }, step: number) =>
  bytesOf((await readCheckpoint(checkpointsOf(job), checkpointName(step))).snapshot.state)

/** Spoils the middle of a file. */
function flipBit(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(path, bytes)
}
/** Long enough that a request always comes before the end. */
const endless = { gradientSteps: 1_000_000, logEvery: 50, checkpointEvery: 100_000 }

describe('a trainer process', () => {
  test('trains to the end and leaves curves, checkpoints and a rollout', async () => {
    const job = jobFor(dataset, {
      environmentId: 'crossroads',
      config: { evalEvery: 30, gradientSteps: 120 }
    })
    const messages = await runToEnd(job)
    expect(messages[0]).toMatchObject({
      kind: 'started',
      engine: { id: 'eager', threads: 1 },
      resumedFrom: null,
      bitExact: true
    })
    expect(messages.at(-1)).toEqual({ kind: 'ended', state: 'finished', reason: null })
    expect(curvesOf(messages)['train/actorLoss'].map(([step]) => step)).toEqual([20, 40, 60, 80, 100, 120])
    expect(curvesOf(messages)['eval/return'].map(([step]) => step)).toEqual([30, 60, 90, 120])
    expect(readdirSync(checkpointsOf(job)).sort()).toEqual([
      'step-000000075',
      'step-000000100',
      'step-000000120'
    ])
    expect(ofKind(messages, 'checkpoint').flatMap(({ removed }) => removed)).toEqual([25, 50])
    const { evaluation } = ofKind(messages, 'evaluation')[0]
    const rollout = await readRollout(join(job.folder, 'rollouts', evaluation.rollouts[0].file))
    expect(rollout).toMatchObject({
      environmentId: 'crossroads',
      step: 30,
      episode: 0,
      return: evaluation.returns[0]
    })
    expect(rollout.observations.shape).toEqual([evaluation.lengths[0] + 1, 2])
    expect(rollout.actions.shape).toEqual([evaluation.lengths[0], 2])
    expect(evaluation.score).toBeCloseTo((100 * (evaluation.returns[0] + evaluation.returns[1])) / 2)
  })

  test('says that an evaluation is done only when its rollout files are in place', async () => {
    const job = jobFor(dataset, { environmentId: 'crossroads', config: { evalEvery: 20, keepRollouts: 2 } })
    const trainer = startTrainer(job)
    const missing: string[] = []
    trainer.child.onMessage(message => {
      for (const { evaluation } of ofKind([message as never], 'evaluation')) {
        const files = evaluation.rollouts.map(({ file }) => join(job.folder, 'rollouts', file))
        missing.push(...files.filter(file => !existsSync(file)))
        expect(files).toHaveLength(2)
      }
    })
    await trainer.exited
    expect(ofKind(trainer.messages, 'evaluation')).toHaveLength(3)
    expect(missing).toEqual([])
  })

  test('tries its final evaluation twice and says so when both fail; earlier ones once', async () => {
    const job = jobFor(dataset, { environmentId: 'crossroads', config: { evalEvery: 30 } })
    mkdirSync(job.folder, { recursive: true })
    writeFileSync(join(job.folder, 'rollouts'), 'in the way of a folder')
    const messages = await runToEnd(job)
    expect(messages.at(-1)).toMatchObject({ kind: 'ended', state: 'finished' })
    const texts = ofKind(messages, 'log').filter(({ level }) => level === 'error')
    expect(texts.map(({ step, text }) => [step, text.slice(0, 28)])).toEqual([
      [30, 'The evaluation of step 30 fa'],
      [60, 'The final evaluation failed:'],
      [60, 'The final evaluation failed ']
    ])
    expect(ofKind(messages, 'evaluation').map(({ evaluation }) => evaluation.failedEpisodes)).toEqual([2, 2])
  })

  test('pauses with a checkpoint and continues to the same bytes as an unbroken run', async () => {
    const config = { gradientSteps: 400, checkpointEvery: 1000 }
    const unbroken = jobFor(dataset, { config })
    await runToEnd(unbroken)
    const job = jobFor(dataset, { config })
    const trainer = startTrainer(job)
    await trainer.until(message => message.kind === 'metrics')
    trainer.send({ kind: 'pause' })
    await trainer.exited
    expect(trainer.messages.at(-1)).toMatchObject({ kind: 'ended', state: 'paused' })
    const [{ step }] = ofKind(trainer.messages, 'checkpoint')
    const rest = await runToEnd({ ...job, resume: true })
    expect(rest[0]).toMatchObject({ kind: 'started', resumedFrom: step, bitExact: true })
    const final = await readCheckpoint(checkpointsOf(job), 'step-000000400')
    const expected = await readCheckpoint(checkpointsOf(unbroken), 'step-000000400')
    expect(bytesOf(final.snapshot.state)).toEqual(bytesOf(expected.snapshot.state))
    expect(final.snapshot.activeSeconds).toBeGreaterThan(0)
  })

  test('stops with a final checkpoint', async () => {
    const trainer = startTrainer(jobFor(dataset, { config: endless }))
    await trainer.until(message => message.kind === 'metrics')
    trainer.send({ kind: 'stop' })
    await trainer.exited
    expect(ofKind(trainer.messages, 'checkpoint')).toMatchObject([{ checkpointKind: 'final' }])
    expect(trainer.messages.at(-1)).toMatchObject({ kind: 'ended', state: 'stopped' })
  })

  test('saves and ends when it is asked to terminate', async () => {
    const trainer = startTrainer(jobFor(dataset, { config: endless }))
    await trainer.until(message => message.kind === 'metrics')
    process.kill(trainer.child.pid!, 'SIGTERM')
    await trainer.exited
    expect(trainer.messages.at(-1)).toMatchObject({ kind: 'ended', state: 'paused' })
  })

  /** Starts a process that has a trainer, kills it when it says the trainer's process id, and waits for the trainer's end. */
  async function orphanOf(file: string, message: unknown): Promise<void> {
    const path = join(import.meta.dirname, '../../support/processes', file)
    const parent = fork(path, { serialization: 'advanced' })
    const pid = new Promise<number>(resolve => parent.once('message', said => resolve(said as number)))
    parent.send(message as Serializable)
    const trainer = await pid
    parent.kill('SIGKILL')
    const gone = () => expect(() => process.kill(trainer, 0)).toThrow()
    try {
      await vi.waitFor(gone, { timeout: 40_000, interval: 20 })
    } catch (error) {
      process.kill(trainer, 'SIGKILL') // Left alone it would never end.
      throw error
    }
  }

  test('saves and exits when its parent is killed', async () => {
    const job = jobFor(dataset, { config: endless })
    await orphanOf('trainerParent.ts', job)
    const { checkpoint } = await newestCheckpoint(checkpointsOf(job))
    expect(checkpoint).toMatchObject({ kind: 'pause' })
    expect(checkpoint!.snapshot.step).toBeGreaterThan(0)
  })

  test('ends after its parent also when a call hangs', () => orphanOf('hangingParent.ts', null))

  test('keeps in its checkpoint what nobody has stored, and says it first when it goes on', async () => {
    const job = jobFor(dataset, { environmentId: 'crossroads', config: { ...endless, evalEvery: 60 } })
    const trainer = startTrainer(job)
    const isPoints = (message: FromTrainer) => message.kind === 'metrics'
    const first = ofKind([await trainer.until(isPoints)], 'metrics')[0]
    trainer.send({ kind: 'stored', sequence: first.sequence! })
    await trainer.until(message => message.kind === 'evaluation')
    trainer.send({ kind: 'pause' })
    await trainer.exited
    const storedSteps = first.blocks.find(({ key }) => key === 'train/actorLoss')?.steps.length ?? 0
    const said = curvesOf(trainer.messages)['train/actorLoss']
    const again = startTrainer({ ...job, resume: true })
    await again.until(({ kind }) => kind === 'progress')
    again.send({ kind: 'stop' })
    await again.exited
    const repeated = ofKind(again.messages, 'metrics').filter(message => message.repeated)
    expect(curvesOf(repeated)['train/actorLoss']).toEqual(said.slice(storedSteps))
    const evaluations = ofKind(again.messages, 'evaluation').filter(message => message.repeated)
    const before = ofKind(trainer.messages, 'evaluation').map(({ evaluation }) => evaluation)
    // One that was under way at the pause follows them: it may have been sent before.
    expect(evaluations.map(({ evaluation }) => evaluation).slice(0, before.length)).toEqual(before)
  })

  test('continues from the newest whole checkpoint and names the damaged ones; without any it starts over', async () => {
    const job = jobFor(dataset)
    await runToEnd(job)
    const whole = await stateAt(job, 60)
    const resumed = async () => {
      const messages = await runToEnd({ ...job, resume: true })
      expect(await stateAt(job, 60)).toEqual(whole)
      const warnings = ofKind(messages, 'log').filter(({ level }) => level === 'warning')
      return { from: ofKind(messages, 'started')[0].resumedFrom, warnings: warnings.map(({ text }) => text) }
    }
    const fileOf = (step: string, name: string): string =>
      join(checkpointsOf(job), `step-0000000${step}`, name)
    truncateSync(fileOf('60', 'state.safetensors'), statSync(fileOf('60', 'state.safetensors')).size - 1)
    expect(await resumed()).toEqual({
      from: 50,
      warnings: [
        expect.stringMatching(/step-000000060 is damaged: .*; it was set aside and an older one is used\.$/)
      ]
    })

    flipBit(fileOf('60', 'state.safetensors'))
    rmSync(fileOf('50', 'state.safetensors'))
    flipBit(fileOf('25', 'checkpoint.json'))
    const { from, warnings } = await resumed()
    expect(from).toBeNull()
    expect(warnings.map(text => /^checkpoint (\S+) is damaged: .+/.exec(text)?.[1])).toEqual([
      'step-000000060',
      'step-000000050',
      'step-000000025'
    ])
    for (const text of warnings)
      expect(text).toMatch(/; it was set aside and no whole one is left, so the run starts over\.$/)
  })

  test('says that a run which goes on with another number of threads no longer repeats its bits', async () => {
    const job = jobFor(dataset, { config: endless })
    const trainer = startTrainer(job)
    await trainer.until(({ kind }) => kind === 'metrics')
    trainer.send({ kind: 'pause' })
    await trainer.exited
    const again = startTrainer({ ...job, threads: 2, resume: true })
    expect(await again.until(({ kind }) => kind === 'started')).toMatchObject({ bitExact: false })
    expect(await again.until(message => message.kind === 'log' && message.level === 'warning')).toMatchObject(
      {
        text: expect.stringMatching(/^The engine differs from the one before.*bit for bit/) as string
      }
    )
    again.child.kill()
    await again.exited
  })

  test('refuses to continue from the checkpoint of another run', async () => {
    const job = jobFor(dataset)
    await runToEnd(job)
    const messages = await runToEnd({ ...job, seed: 4, resume: true })
    expect(messages.at(-1)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/other data, settings or seed/)
    })
  })

  test('fails with one sentence on a setting that does not exist', async () => {
    const messages = await runToEnd(jobFor(dataset, { config: { bacthSize: 8 } }))
    expect(messages).toEqual([
      { kind: 'ended', state: 'failed', reason: expect.stringMatching(/no setting named bacthSize/) }
    ])
  })

  test('reports a non-finite step with its place in the dataset', async () => {
    const spoilt = await onDisk(
      walks(12, 20, (episode, index) => {
        if (index === 4) episode.actions[6] = NaN
      })
    )
    const messages = await runToEnd(
      jobFor(spoilt, { config: { gradientSteps: 1000, checkpointEvery: 5, heldOutShare: 0 } })
    )
    const ended = ofKind(messages, 'ended')[0]
    expect(ended.state).toBe('diverged')
    expect(ended.reason).toMatch(
      /^Step \d+ gave a non-finite value in actorLoss, .* The data holds non-finite actions in episode 4 step 3\.$/
    )
    expect(ofKind(messages, 'log').at(-1)).toMatchObject({ level: 'error', text: ended.reason })
    expect(curvesOf(messages)['train/actorLoss'].at(-1)![1]).toBeNaN()
  })
})
