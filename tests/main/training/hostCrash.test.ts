import { fork } from 'node:child_process'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { lineLog } from '../../../src-main/base/log.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { checkpointFolder, homeAt } from '../../../src-main/store/home.ts'
import { findKeyId, readPoints } from '../../../src-main/store/metrics.ts'
import { listSegments } from '../../../src-main/store/segmentRows.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import { recoverStore } from '../../../src-main/store/startup.ts'
import { newestCheckpoint } from '../../../src-main/training/checkpoints.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { FromHost } from '../../support/processes/trainingHost.ts'
import { storedDataset, temporaryFolder, walks, writeInto } from './support.ts'

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('after main is killed every point that it has committed is there, and the resumed run fills the gap', async () => {
  const home = homeAt(temporaryFolder())
  const prepared = openStore(home)
  const { id: datasetId } = addDataset(prepared.db, storedDataset(await writeInto(home, walks())))
  prepared.close()
  let stored = 0
  const facts: { pid?: number; runId?: string } = {}
  const host = fork(
    join(import.meta.dirname, '../../support/processes/trainingHost.ts'),
    [home.root, datasetId],
    {
      serialization: 'advanced'
    }
  )
  host.on('message', received => {
    const message = received as FromHost
    if ('stored' in message) stored = message.stored
    else Object.assign(facts, message)
  })
  const gone = new Promise(resolve => host.once('exit', resolve))
  await vi.waitFor(() => expect(stored).toBeGreaterThan(300), { timeout: 60_000, interval: 10 })
  host.kill('SIGKILL')
  await gone
  await vi.waitFor(() => expect(isGone(facts.pid!)).toBe(true), { timeout: 40_000, interval: 20 })

  const store = openStore(home)
  expect((await recoverStore(store)).interrupted).toEqual([facts.runId])
  const keyId = findKeyId(store.db, 'train/actorLoss')!
  const steps = readPoints(store.db, facts.runId!, keyId).flatMap(points => [...points.steps])
  expect(steps).toEqual(steps.map((_, i) => i + 1))
  expect(steps.length).toBeGreaterThanOrEqual(stored)

  const saved = (await newestCheckpoint(checkpointFolder(home, facts.runId!))).checkpoint!
  // A periodic one where the end came at its step, else that of the pause: no step that was seen is lost.
  expect(saved.snapshot.step).toBeGreaterThanOrEqual(stored)
  const nothing = (): void => undefined
  const supervisor = createSupervisor({
    ...{
      db: store.db,
      home,
      processes: nodeProcessHost(),
      cores: 1,
      engines: describeEngines,
      log: lineLog(nothing)
    },
    changes: {
      ...{ runsChanged: nothing, runsRemoved: nothing, pointsAppended: nothing },
      ...{ evaluationAdded: nothing, logAppended: nothing }
    }
  })
  await supervisor.resume([facts.runId!], false)
  const step = (): number => getRun(store.db, facts.runId!).progress.step
  await vi.waitFor(() => expect(step()).toBeGreaterThan(saved.snapshot.step), { timeout: 60_000 })
  await supervisor.close(60_000)
  const visibleTo = new Map(
    listSegments(store.db, facts.runId!).map(segment => [segment.segment, segment.visibleTo])
  )
  const curve = readPoints(store.db, facts.runId!, keyId).flatMap(({ segment, steps: all }) =>
    [...all].filter(at => at <= visibleTo.get(segment)!)
  )
  expect(curve.length).toBeGreaterThan(saved.snapshot.step)
  expect(curve).toEqual(curve.map((_, i) => i + 1))
  store.close()
})
