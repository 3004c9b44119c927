import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Plan, RunState } from '../../../src-preload/contract/runs.ts'
import { lineLog } from '../../../src-main/base/log.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { homeAt } from '../../../src-main/store/home.ts'
import { findKeyId, readPoints } from '../../../src-main/store/metrics.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { storedDataset, temporaryFolder, tinyConfig, walks, writeInto } from './support.ts'

/** As {@link tinyConfig}, without an end that a test would wait for. */
export const longConfig = { ...tinyConfig, gradientSteps: 1_000_000, logEvery: 50, checkpointEvery: 200 }

const waiting = { timeout: 60_000, interval: 10 }

/** A supervisor with real trainer processes on a store of its own for every test of the file that calls it. */
export function superviseEachTest() {
  const said: string[] = []
  const changes = {
    ...{ runsChanged: vi.fn(), runsRemoved: vi.fn(), pointsAppended: vi.fn() },
    ...{ evaluationAdded: vi.fn(), logAppended: vi.fn() }
  }
  const rig = {
    /** Lines of the app's log: errors, which a test must expect and remove. */
    said,
    store: null as unknown as Store,
    datasetId: '',
    supervisor: null as unknown as RunSupervisor,
    changes,
    /** Of the trainers, in the order of their starts. */
    pids: [] as number[],
    /** Opens another supervisor on the same store, as an app that is started again. */
    start(cores = 4): void {
      rig.supervisor = createSupervisor({
        ...{ db: rig.store.db, home: rig.store.home, processes, changes, cores, engines: describeEngines },
        log: lineLog(line => void said.push(line))
      })
    },
    plan: (change: Partial<Plan> = {}, config: Readonly<Record<string, unknown>> = tinyConfig): Plan => ({
      ...{ name: 'test', datasets: [rig.datasetId], algorithms: [{ algorithm: 'bc', config }] },
      ...{ seeds: [0], engine: 'eager', threads: 0, precision: 'float32' },
      ...change
    }),
    stateOf: (id: string): RunState => getRun(rig.store.db, id).state,
    reaches: (id: string, state: RunState) => vi.waitFor(() => expect(rig.stateOf(id)).toBe(state), waiting),
    stepReaches: (id: string, step: number) =>
      vi.waitFor(() => expect(getRun(rig.store.db, id).progress.step).toBeGreaterThan(step), waiting),
    stepsOf: (id: string, key: string): number[] =>
      readPoints(rig.store.db, id, findKeyId(rig.store.db, key)!).flatMap(({ steps }) => [...steps])
  }
  const processes: ReturnType<typeof nodeProcessHost> = {
    start: (...of) => {
      const child = nodeProcessHost().start(...of)
      rig.pids.push(child.pid!)
      return child
    }
  }
  beforeEach(async () => {
    rig.pids.length = said.length = 0
    rig.store = openStore(homeAt(temporaryFolder()))
    rig.datasetId = addDataset(rig.store.db, storedDataset(await writeInto(rig.store.home, walks()))).id
    rig.start()
  })
  afterEach(async () => {
    await rig.supervisor.close(60_000)
    rig.store.close()
    expect(said).toEqual([])
  })
  return rig
}
