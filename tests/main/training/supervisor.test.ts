import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Plan, RunState } from '../../../src-preload/contract/runs.ts'
import { setClock } from '../../../src-main/base/clock.ts'
import { lineLog } from '../../../src-main/base/log.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { floats } from '../../../src-main/base/tensors.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { runOnnx } from '../../../src-main/compute/onnx/export.ts'
import { listCheckpoints } from '../../../src-main/store/checkpoints.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { listEvaluations } from '../../../src-main/store/evaluations.ts'
import { datasetFolder, homeAt, runFolder } from '../../../src-main/store/home.ts'
import { readLog } from '../../../src-main/store/log.ts'
import { findKeyId, readPoints, seriesFacts } from '../../../src-main/store/metrics.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { getRun, updateRun } from '../../../src-main/store/runs.ts'
import { listSegments } from '../../../src-main/store/segmentRows.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { storedDataset, temporaryFolder, tinyConfig, walks, writeInto } from './support.ts'

const long = { ...tinyConfig, gradientSteps: 1_000_000, logEvery: 50, checkpointEvery: 200 }
const changes = {
  runsChanged: vi.fn(),
  runsRemoved: vi.fn(),
  pointsAppended: vi.fn(),
  evaluationAdded: vi.fn(),
  logAppended: vi.fn()
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
const start = (cores = 4): RunSupervisor =>
  createSupervisor({
    ...{ db: store.db, home: store.home, processes, changes, cores, engines: describeEngines },
    log: lineLog(line => void said.push(line))
  })

beforeEach(async () => {
  pids.length = said.length = 0
  store = openStore(homeAt(temporaryFolder()))
  const manifest = await writeInto(store.home, walks())
  datasetId = addDataset(store.db, storedDataset(manifest)).id
  expect(existsSync(datasetFolder(store.home, datasetId))).toBe(true)
  supervisor = start()
})
afterEach(async () => {
  setClock(null)
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
const stateOf = (id: string): RunState => getRun(store.db, id).state
const reaches = (id: string, state: RunState) =>
  vi.waitFor(() => expect(stateOf(id)).toBe(state), { timeout: 30_000, interval: 10 })
const stepReaches = (id: string, step: number) =>
  vi.waitFor(() => expect(getRun(store.db, id).progress.step).toBeGreaterThan(step), {
    timeout: 30_000,
    interval: 10
  })
const stepsOf = (id: string, key: string): number[] =>
  readPoints(store.db, id, findKeyId(store.db, key)!).flatMap(({ steps }) => [...steps])

describe('the run queue', () => {
  test('stores a run with its curves, evaluation, checkpoints and log', async () => {
    const { runIds } = await supervisor.create(planOf())
    const [id] = runIds
    await reaches(id, 'finished')
    const run = getRun(store.db, id)
    expect(run).toMatchObject({
      ...{
        algorithm: 'bc',
        seed: 0,
        groupName: 'BC',
        environmentId: 'crossroads',
        reason: null
      },
      ...{ bitExact: true, engine: { id: 'eager', threads: 4 } }
    })
    expect(run.progress).toMatchObject({
      step: 60,
      totalSteps: 60,
      lastCheckpointStep: 60,
      phase: 'finished'
    })
    expect(run.activeSeconds).toBeGreaterThan(0)
    expect(run.endedAt).toBeGreaterThanOrEqual(run.startedAt!)
    expect(stepsOf(id, 'train/actorLoss')).toEqual([20, 40, 60])
    expect(listEvaluations(store.db, id).map(({ step }) => step)).toEqual([60])
    expect(run.finalReturn).toBe(listEvaluations(store.db, id)[0].meanReturn)
    expect(listCheckpoints(store.db, id).map(({ step, kind }) => [step, kind])).toEqual([
      [25, 'periodic'],
      [50, 'periodic'],
      [60, 'final']
    ])
    expect(readLog(store.db, id)[0].text).toMatch(
      /^Training on 10 episodes \(200 transitions\), 2 held out\.$/
    )
    expect(changes.evaluationAdded).toHaveBeenCalledWith(id)
    const job = JSON.parse(readFileSync(join(runFolder(store.home, id), 'job.json'), 'utf8')) as object
    expect(job).toMatchObject({ runId: id, seed: 0, algorithm: 'bc' })
  })

  test('trains as many runs at once as there are slots, and shares the cores among them', async () => {
    supervisor.slots(2)
    const { runIds } = await supervisor.create(planOf({ seeds: [0, 1, 2] }, long))
    expect(runIds.map(stateOf)).toEqual(['starting', 'starting', 'queued'])
    expect(getRun(store.db, runIds[2]).queuePosition).toBe(0)
    await Promise.all(runIds.slice(0, 2).map(id => reaches(id, 'running')))
    expect(getRun(store.db, runIds[0]).engine?.threads).toBe(2)
    await supervisor.stop([runIds[0]])
    await reaches(runIds[0], 'stopped')
    await reaches(runIds[2], 'running')
    expect(stateOf(runIds[1])).toBe('running')
  })

  test('keeps the number of slots', async () => {
    supervisor.slots(3)
    await supervisor.close(0)
    supervisor = start()
    expect(supervisor.slots(null)).toEqual({ slots: 3, cores: 4 })
  })

  test('pauses and resumes queued and running runs', async () => {
    const { runIds } = await supervisor.create(planOf({ seeds: [0, 1] }, long))
    await stepReaches(runIds[0], 0)
    await supervisor.pause(runIds)
    expect(runIds.map(stateOf)).toEqual(['pausing', 'paused'])
    await reaches(runIds[0], 'paused')
    const paused = getRun(store.db, runIds[0]).progress.lastCheckpointStep!
    expect(paused).toBeGreaterThan(0)
    await supervisor.resume([runIds[0]], false)
    await stepReaches(runIds[0], paused)
    expect(listSegments(store.db, runIds[0]).at(-1)).toMatchObject({ resumedFrom: paused })
    await expect(supervisor.resume([runIds[0]], false)).rejects.toThrow(
      /is running, so there is nothing to resume/
    )
    await supervisor.stop([runIds[0]])
    await reaches(runIds[0], 'stopped')
    expect(listCheckpoints(store.db, runIds[0]).at(-1)?.kind).toBe('final')
    expect(supervisor.isActive(runIds[0])).toBe(false)
  })

  test('a killed trainer leaves an interrupted run that goes on from its checkpoint, the rest hidden', async () => {
    const { runIds } = await supervisor.create(planOf({}, { ...long, checkpointEvery: 120 }))
    const [id] = runIds
    await vi.waitFor(() => expect(listCheckpoints(store.db, id).length).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 5
    })
    const trainer = pids[0]
    await stepReaches(id, 0)
    process.kill(trainer, 'SIGKILL')
    await reaches(id, 'interrupted')
    const { reason } = getRun(store.db, id)
    expect(reason).toMatch(/was ended by SIGKILL .* resuming goes on from step \d+/)
    const announced = listCheckpoints(store.db, id).at(-1)!.step
    await supervisor.resume([id], false)
    const again = () =>
      readPoints(store.db, id, findKeyId(store.db, 'train/actorLoss')!).filter(({ segment }) => segment === 1)
    await vi.waitFor(() => expect(again().length).toBeGreaterThan(0), { timeout: 30_000 })
    // The kill may have come between the last checkpoint and its message.
    const from = listSegments(store.db, id).at(-1)!.resumedFrom!
    expect(from).toBeGreaterThanOrEqual(announced)
    expect(listSegments(store.db, id)).toMatchObject([{ visibleTo: from }, { resumedFrom: from }])
    expect(again()[0].steps[0]).toBe(Math.ceil((from + 1) / 50) * 50)
  })

  test('every point that a trainer has sent is stored although it was killed right after', async () => {
    const config = { ...long, logEvery: 1, checkpointEvery: 100_000 }
    const { runIds } = await supervisor.create(planOf({}, config))
    await stepReaches(runIds[0], 0)
    process.kill(pids[0], 'SIGKILL')
    await reaches(runIds[0], 'interrupted')
    const steps = stepsOf(runIds[0], 'train/actorLoss')
    expect(steps).toEqual(Array.from(steps, (_, i) => i + 1))
    expect(steps.length).toBeGreaterThanOrEqual(getRun(store.db, runIds[0]).progress.step)
  })

  test('a trainer without a sign of life for 30 s is shown as stalled, and as running when it answers', async () => {
    const { runIds } = await supervisor.create(planOf({}, long))
    await stepReaches(runIds[0], 0)
    process.kill(pids[0], 'SIGSTOP')
    setClock({ now: () => new Date().getTime(), monotonicSeconds: () => performance.now() / 1000 + 60 })
    const phase = (): string => getRun(store.db, runIds[0]).progress.phase
    await vi.waitFor(() => expect(phase()).toBe('stalled'), { timeout: 30_000 })
    process.kill(pids[0], 'SIGCONT')
    await vi.waitFor(() => expect(phase()).not.toBe('stalled'), { timeout: 30_000 })
    expect(readLog(store.db, runIds[0]).map(({ text }) => text)).toContain('The trainer answers again.')
  })

  test('closing saves every run and pauses it', async () => {
    const { runIds } = await supervisor.create(planOf({}, long))
    await stepReaches(runIds[0], 0)
    await supervisor.close(60_000)
    expect(stateOf(runIds[0])).toBe('paused')
    expect(listCheckpoints(store.db, runIds[0]).at(-1)?.kind).toBe('pause')
  })

  test('does not resume under another engine unless that is allowed, and then says so', async () => {
    const { runIds } = await supervisor.create(planOf({}, long))
    const [id] = runIds
    await stepReaches(id, 0)
    await supervisor.pause([id])
    await reaches(id, 'paused')
    const engine = { ...getRun(store.db, id).engine!, version: '0.0.1' }
    updateRun(store.db, id, { engine })
    await expect(supervisor.resume([id], false)).rejects.toMatchObject({ code: 'conflict' })
    expect(stateOf(id)).toBe('paused')
    await supervisor.resume([id], true)
    await reaches(id, 'running')
    expect(getRun(store.db, id).bitExact).toBe(false)
  })

  test('a run that waits with another engine starts with it after a restart', async () => {
    const { runIds } = await supervisor.create(planOf({}, long))
    const [id] = runIds
    await stepReaches(id, 0)
    await supervisor.pause([id])
    await reaches(id, 'paused')
    updateRun(store.db, id, { engine: { ...getRun(store.db, id).engine!, id: 'gone' } })
    const busy = await supervisor.create(planOf({ seeds: [1] }, long))
    await supervisor.resume([id], true)
    expect(getRun(store.db, id)).toMatchObject({ state: 'queued', engine: null, bitExact: false })
    await supervisor.close(60_000)
    expect(stateOf(busy.runIds[0])).toBe('paused')
    supervisor = start()
    await reaches(id, 'running')
    expect(getRun(store.db, id)).toMatchObject({ bitExact: false, reason: null })
    expect(getRun(store.db, id).engine?.id).not.toBe('gone')
  })
})

describe('a plan', () => {
  test('becomes one run for every dataset, algorithm and seed; groups share key and colour', async () => {
    const algorithms = [
      { algorithm: 'bc', config: tinyConfig },
      { algorithm: 'bc', config: { ...tinyConfig, batchSize: 4 } },
      { algorithm: 'iql', config: tinyConfig, label: 'Mine' }
    ]
    const { runIds } = await supervisor.create(planOf({ algorithms, seeds: [0, 7] }))
    await supervisor.stop(runIds.slice(1))
    const runs = runIds.map(id => getRun(store.db, id))
    const names = ['BC, batchSize 8', 'BC, batchSize 4', 'Mine']
    expect(runs.map(({ groupName, seed }) => [groupName, seed])).toEqual(
      names.flatMap(name => [
        [name, 0],
        [name, 7]
      ])
    )
    const groups = Map.groupBy(runs, ({ groupKey }) => groupKey)
    expect([...groups.values()].map(members => members.map(({ colour }) => colour))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2]
    ])
    expect(runs[0].config).toMatchObject({ batchSize: 8, dropout: 0 })
  })

  test('with a wrong setting is refused field by field and stores nothing', async () => {
    const algorithms = [{ algorithm: 'bc', config: { ...tinyConfig, batchSize: 0 } }]
    expect((await supervisor.estimate(planOf({ algorithms }))).problems).toMatchObject([
      { algorithm: 'bc', field: 'batchSize' }
    ])
    await expect(supervisor.create(planOf({ algorithms }))).rejects.toMatchObject({ code: 'invalid-config' })
    await expect(supervisor.create(planOf({ datasets: ['none'] }))).rejects.toMatchObject({
      code: 'not-found'
    })
    await expect(supervisor.create(planOf({ seeds: [1, 1] }))).rejects.toThrow('seed 1 is listed twice')
  })

  test('is refused where the data lacks what the algorithm reads', async () => {
    const silent = await writeInto(store.home, walks(5))
    const { id } = addDataset(store.db, { ...storedDataset(silent), name: 'silent', hasRewards: false })
    const plan = planOf({ datasets: [id], algorithms: [{ algorithm: 'iql', config: {} }] })
    await expect(supervisor.create(plan)).rejects.toMatchObject({
      code: 'incompatible-data',
      message: expect.stringMatching(/needs rewards; dataset "silent" has none/)
    })
  })

  test('is estimated from the speed of an earlier run of the same shape', async () => {
    expect(await supervisor.estimate(planOf())).toMatchObject({ runs: 1, seconds: null })
    const { runIds } = await supervisor.create(planOf())
    await reaches(runIds[0], 'finished')
    const speed = seriesFacts(store.db, runIds[0]).find(({ key }) => key === 'time/stepsPerSecond')!.lastValue
    const { seconds, runs } = await supervisor.estimate(planOf({ seeds: [1, 2, 3] }))
    expect(runs).toBe(3)
    expect(seconds).toBeCloseTo((3 * 60) / speed)
  })
})

describe('an export', () => {
  test('of the metrics holds every visible point', async () => {
    const { runIds } = await supervisor.create(planOf())
    await reaches(runIds[0], 'finished')
    const { name } = await supervisor.export({ id: runIds[0], what: 'metrics', checkpointStep: null })
    expect(name).toBe('BC-seed-0.csv')
    const lines = readFileSync(join(store.home.exports, name), 'utf8').trim().split('\n')
    expect(lines[0]).toBe('metric,step,seconds,value')
    expect(lines.filter(line => line.startsWith('train/actorLoss,'))).toHaveLength(3)
    expect(readdirSync(store.home.exports)).toEqual([name])
  })

  test.each(['bc', 'awr'])(
    'of the policy of %s acts on raw observations as the run does',
    async algorithm => {
      const config = { ...tinyConfig, normalizeObservations: true }
      const { runIds } = await supervisor.create(
        planOf({ algorithms: [{ algorithm, config }], engine: 'auto' })
      )
      await reaches(runIds[0], 'finished')
      const { name, sizeBytes, checked } = await supervisor.export({
        id: runIds[0],
        what: 'policy',
        checkpointStep: null
      })
      expect(checked).toMatch(
        /^Compared in ONNX Runtime on 252 observations .* largest difference \d\.\de-\d+ of the action range\.$/
      )
      const bytes = readFileSync(join(store.home.exports, name))
      expect(bytes.length).toBe(sizeBytes)
      const { actions } = await runOnnx(bytes, {
        observations: floats([3, 2], Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
      })
      expect(actions.shape).toEqual([3, 2])
      const missing = supervisor.export({ id: runIds[0], what: 'policy', checkpointStep: 7 })
      await expect(missing).rejects.toThrow(/has no checkpoint of step 7/)
    }
  )

  test('of the whole run is a folder with everything in it', async () => {
    const { runIds } = await supervisor.create(planOf())
    await reaches(runIds[0], 'finished')
    const { name, checked } = await supervisor.export({ id: runIds[0], what: 'folder', checkpointStep: null })
    expect(checked).toMatch(/^Compared/)
    const files = [
      'checkpoints',
      'evaluations.json',
      'log.json',
      'metrics.csv',
      'policy.onnx',
      'rollouts',
      'run.json'
    ]
    expect(readdirSync(join(store.home.exports, name)).sort()).toEqual(files)
  })
})
