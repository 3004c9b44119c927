import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { takeLock } from '../../../src-main/base/processLock.ts'
import { runLockFile } from '../../../src-main/store/home.ts'
import type { FromTrainer } from '../../../src-main/training/messages.ts'
import { lockRun } from '../../../src-main/training/runLock.ts'
import { jobFor, ofKind, startTrainer } from './process.ts'
import { onDisk, walks } from './support.ts'

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})
const endless = { gradientSteps: 1_000_000, logEvery: 50, checkpointEvery: 100_000 }
const isPoints = ({ kind }: FromTrainer) => kind === 'metrics'
const isStart = ({ kind }: FromTrainer) => kind === 'started'

describe('the folder of a run', () => {
  test('belongs to one trainer: the next waits, says so, and goes on from what the first wrote last', async () => {
    const job = jobFor(dataset, { config: endless })
    const first = startTrainer(job)
    await first.until(isPoints)
    const second = startTrainer({ ...job, resume: true })
    await second.until(({ kind }) => kind === 'log')
    expect(second.messages).toMatchObject([{ text: expect.stringContaining(`Process ${first.child.pid}`) }])
    first.send({ kind: 'pause' })
    await first.exited
    const [{ step }] = ofKind(first.messages, 'checkpoint')
    expect(await second.until(isStart)).toMatchObject({ resumedFrom: step, bitExact: true })
    second.send({ kind: 'stop' })
    await second.exited
    expect(existsSync(runLockFile(job.folder))).toBe(false)
  })

  test('can be left while it is waited for', async () => {
    const job = jobFor(dataset, { config: endless })
    const first = startTrainer(job)
    await first.until(isPoints)
    const second = startTrainer({ ...job, resume: true })
    await second.until(({ kind }) => kind === 'log')
    second.send({ kind: 'pause' })
    await second.exited
    expect(second.messages.at(-1)).toEqual({ kind: 'ended', state: 'paused', reason: null })
    expect(JSON.parse(readFileSync(runLockFile(job.folder), 'utf8'))).toMatchObject({ pid: first.child.pid })
    first.child.kill()
    await first.exited
  })

  test('is free after a kill', async () => {
    const job = jobFor(dataset, { config: endless })
    const first = startTrainer(job)
    await first.until(isPoints)
    first.child.kill()
    await first.exited
    expect(existsSync(runLockFile(job.folder))).toBe(true)
    const second = startTrainer({ ...job, resume: true })
    await second.until(isPoints)
    expect(ofKind(second.messages, 'log').map(({ text }) => text)).not.toContainEqual(
      expect.stringContaining('waiting')
    )
    second.child.kill()
    await second.exited
  })

  test('leaves nothing in a process that trains many runs, one after the other', async () => {
    const before = process.listenerCount('exit')
    const { folder } = jobFor(dataset)
    for (let i = 0; i < 3; i++) {
      const free = await lockRun(runLockFile(folder), () => undefined, new AbortController().signal)
      free()
    }
    expect(process.listenerCount('exit')).toBe(before)
  })

  test.skipIf(process.platform === 'win32')(
    `is free when another process has the holder's number${process.platform === 'win32' ? ': SKIPPED, Windows does not tell when a process started' : ''}`,
    () => {
      const folder = jobFor(dataset).folder
      mkdirSync(folder, { recursive: true })
      const path = join(folder, 'lock')
      writeFileSync(path, JSON.stringify({ pid: process.ppid, started: 'another time' }))
      expect(takeLock(path)).toBeNull()
      expect(takeLock(path)).toBe(process.pid)
    }
  )
})
