import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Plan, RunState } from '../../../src-preload/contract/runs.ts'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import { lineLog } from '../../../src-main/base/log.ts'
import { mean } from '../../../src-main/base/moments.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { evaluationsAfter, findRollout, listEvaluations } from '../../../src-main/store/evaluations.ts'
import { homeAt, rolloutFolder } from '../../../src-main/store/home.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import { rolloutFileName } from '../../../src-main/training/rolloutWriter.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { storedDataset, temporaryFolder, tinyConfig, walks, writeInto } from './support.ts'

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

describe('an evaluation on request', () => {
  const never = new AbortController().signal

  test('repeats the episodes of the one made in training, adds more, and is not stored', async () => {
    const { runIds } = await supervisor.create(planOf())
    const [id] = runIds
    await reaches(id, 'finished')
    const [stored] = listEvaluations(store.db, id)
    const fresh = await supervisor.evaluate({ id, checkpointStep: null, episodes: 6 }, never)
    expect(fresh).toMatchObject({ runId: id, step: 60, episodes: 6, failedEpisodes: 0 })
    expect(fresh.returns.slice(0, 2)).toEqual([...decodeColumn(stored.returns)])
    expect(fresh.lengths.slice(0, 2)).toEqual([...decodeColumn(stored.lengths)])
    expect(fresh.outcomes).toHaveLength(6)
    expect(fresh.meanReturn).toBe(mean(fresh.returns.map(Number)))
    expect(fresh.score).toBeCloseTo(100 * Number(fresh.meanReturn))
    expect(listEvaluations(store.db, id)).toHaveLength(1)
    const earlier = await supervisor.evaluate({ id, checkpointStep: 25, episodes: 2 }, never)
    expect(earlier).toMatchObject({ step: 25, episodes: 2 })
  })

  test('keeps rollouts with the evaluation of its step, and tells those who follow', async () => {
    const { runIds } = await supervisor.create(planOf())
    const [id] = runIds
    await reaches(id, 'finished')
    const [before] = listEvaluations(store.db, id)
    const { sequence } = evaluationsAfter(store.db, id, 0)
    const file = join(rolloutFolder(store.home, id), rolloutFileName(60, 0))
    const bytes = readFileSync(file)
    const fresh = await supervisor.evaluate({ id, checkpointStep: null, episodes: 7, keep: 6 }, never)
    expect(fresh.rollouts).toEqual([0, 1, 2, 3, 4, 5])
    expect(listEvaluations(store.db, id)).toEqual([{ ...before, rollouts: fresh.rollouts }])
    expect(evaluationsAfter(store.db, id, sequence).evaluations).toHaveLength(1)
    expect(readFileSync(file)).toEqual(bytes)
    const record = findRollout(store.db, id, 60, 5)!
    expect(record.return).toBe(fresh.returns[5])
    expect(existsSync(join(rolloutFolder(store.home, id), record.file))).toBe(true)
    await expect(
      supervisor.evaluate({ id, checkpointStep: 25, episodes: 1, keep: 1 }, never)
    ).rejects.toThrow(/was not evaluated at step 25, so there is nothing to keep rollouts with/)
  })

  test('is refused without the checkpoint or the environment, and ends when it is called off', async () => {
    const { runIds } = await supervisor.create(planOf())
    const [id] = runIds
    await reaches(id, 'finished')
    const asked = { id, checkpointStep: null, episodes: 10_000 }
    await expect(supervisor.evaluate({ ...asked, checkpointStep: 7 }, never)).rejects.toThrow(
      /no checkpoint of step 7, so there is no policy to evaluate/
    )
    const controller = new AbortController()
    const calledOff = supervisor.evaluate(asked, controller.signal)
    controller.abort()
    await expect(calledOff).rejects.toThrow(/could not be evaluated/)
    await vi.waitFor(() => expect(() => process.kill(pids.at(-1)!, 0)).toThrow(), { timeout: 30_000 })
  })
})
