import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Plan, RunState } from '../../../src-preload/contract/runs.ts'
import { lineLog } from '../../../src-main/base/log.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { listCheckpoints } from '../../../src-main/store/checkpoints.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { homeAt, runFolder } from '../../../src-main/store/home.ts'
import { findKeyId, readPoints } from '../../../src-main/store/metrics.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { storedDataset, temporaryFolder, tinyConfig, walks, writeInto } from './support.ts'

const long = { ...tinyConfig, gradientSteps: 1_000_000, logEvery: 50, checkpointEvery: 200 }
const nothing = (): void => undefined
const changes = {
  ...{ runsChanged: nothing, runsRemoved: nothing, pointsAppended: nothing },
  ...{ evaluationAdded: nothing, logAppended: nothing }
}
const said: string[] = []
const pids: number[] = []
let store: Store
let datasetId: string
let supervisor: RunSupervisor

/** The real process host, which also notes the process ids. */
const processes: ReturnType<typeof nodeProcessHost> = {
  start: (...of) => {
    const child = nodeProcessHost().start(...of)
    pids.push(child.pid!)
    return child
  }
}

beforeEach(async () => {
  pids.length = said.length = 0
  store = openStore(homeAt(temporaryFolder()))
  datasetId = addDataset(store.db, storedDataset(await writeInto(store.home, walks()))).id
  supervisor = createSupervisor({
    ...{ db: store.db, home: store.home, processes, changes, cores: 4, engines: describeEngines },
    log: lineLog(line => void said.push(line))
  })
})
afterEach(async () => {
  await supervisor.close(60_000)
  store.close()
  expect(said).toEqual([])
})

const planOf = (
  change: Partial<Plan> = {},
  config: Readonly<Record<string, unknown>> = tinyConfig
): Plan => ({
  ...{ name: 'test', datasets: [datasetId], algorithms: [{ algorithm: 'bc', config }] },
  ...{ seeds: [0], engine: 'eager', threads: 0, precision: 'float32' },
  ...change
})
const reaches = (id: string, state: RunState) =>
  vi.waitFor(() => expect(getRun(store.db, id).state).toBe(state), { timeout: 60_000, interval: 10 })
const stepReaches = (id: string, step: number) =>
  vi.waitFor(() => expect(getRun(store.db, id).progress.step).toBeGreaterThan(step), {
    timeout: 60_000,
    interval: 10
  })
const stepsOf = (id: string, key: string): number[] =>
  readPoints(store.db, id, findKeyId(store.db, key)!).flatMap(({ steps }) => [...steps])

describe('seeds in one graph', () => {
  const together = { seeds: [0, 1, 2], seedsInOneGraph: 'on' as const }

  test('one process trains the runs that differ in seed or in a rate, each with curves and checkpoints of its own', async () => {
    const algorithms = [1e-3, 1e-2].map(actorLearningRate => ({
      algorithm: 'bc',
      config: { ...tinyConfig, actorLearningRate }
    }))
    const { runIds } = await supervisor.create(planOf({ ...together, seeds: [0, 1], algorithms }))
    for (const id of runIds) await reaches(id, 'finished')
    expect(pids).toHaveLength(1)
    for (const id of runIds) {
      expect(getRun(store.db, id)).toMatchObject({ bitExact: true, engine: { lanes: 4, threads: 4 } })
      expect(stepsOf(id, 'train/actorLoss').at(-1)).toBe(60)
      expect(listCheckpoints(store.db, id).map(({ step }) => step)).toContain(60)
      expect(readdirSync(join(runFolder(store.home, id), 'checkpoints'))).toContain('step-000000060')
    }
  })

  test('runs of other shapes, and all runs where it is off, have processes of their own', async () => {
    const other = { algorithm: 'bc', config: { ...tinyConfig, hiddenSizes: [4] } }
    const plan = planOf({ ...together, seeds: [0], algorithms: [...planOf().algorithms, other] })
    const { runIds } = await supervisor.create(plan)
    const off = await supervisor.create(planOf({ seeds: [0, 1], seedsInOneGraph: 'off' }))
    for (const id of [...runIds, ...off.runIds]) await reaches(id, 'finished')
    expect(pids).toHaveLength(4)
    expect(getRun(store.db, runIds[0]).engine).not.toHaveProperty('lanes')
  })

  test('pausing one lets the others go on; resumed, it goes on in a graph as before', async () => {
    const { runIds } = await supervisor.create(planOf(together, { ...long, gradientSteps: 4000 }))
    const [first, second, third] = runIds
    await stepReaches(second, 200)
    await supervisor.pause([second])
    await reaches(second, 'paused')
    await reaches(first, 'finished')
    await reaches(third, 'finished')
    await supervisor.resume([second], false)
    await reaches(second, 'finished')
    expect(pids).toHaveLength(2)
    expect(getRun(store.db, second)).toMatchObject({ bitExact: true, engine: { lanes: 1 } })
  })

  test('a killed process interrupts all its runs, and resuming brings those at one step together again', async () => {
    const { runIds } = await supervisor.create(planOf(together, { ...long, checkpointEvery: 100_000 }))
    for (const id of runIds) await stepReaches(id, 100)
    process.kill(pids[0], 'SIGKILL')
    for (const id of runIds) await reaches(id, 'interrupted')
    await supervisor.resume(runIds, false)
    for (const id of runIds) await stepReaches(id, 100)
    expect(pids).toHaveLength(2)
    await supervisor.stop(runIds)
    for (const id of runIds) await reaches(id, 'stopped')
  })
})
