import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { setClock } from '../../../src-main/base/clock.ts'
import { floats } from '../../../src-main/base/tensors.ts'
import { runOnnx } from '../../../src-main/compute/onnx/export.ts'
import { listCheckpoints } from '../../../src-main/store/checkpoints.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { listEvaluations } from '../../../src-main/store/evaluations.ts'
import { checkpointFolder, runFolder } from '../../../src-main/store/home.ts'
import { appendLog, readLog } from '../../../src-main/store/log.ts'
import { findKeyId, readPoints, seriesFacts } from '../../../src-main/store/metrics.ts'
import { getRun, updateRun } from '../../../src-main/store/runs.ts'
import { listSegments } from '../../../src-main/store/segmentRows.ts'
import { connection } from '../../../src-main/store/sql.ts'
import { storedDataset, tinyConfig, walks, writeInto } from './support.ts'
import { longConfig, superviseEachTest } from './rig.ts'

const rig = superviseEachTest()
const waiting = { timeout: 60_000, interval: 10 }
afterEach(() => setClock(null))

describe('the run queue', () => {
  test('stores a run with its curves, evaluation, checkpoints and log', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    const [id] = runIds
    await rig.reaches(id, 'finished')
    const run = getRun(rig.store.db, id)
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
    expect(rig.stepsOf(id, 'train/actorLoss')).toEqual([20, 40, 60])
    expect(listEvaluations(rig.store.db, id).map(({ step }) => step)).toEqual([60])
    expect(run.finalReturn).toBe(listEvaluations(rig.store.db, id)[0].meanReturn)
    expect(listCheckpoints(rig.store.db, id).map(({ step, kind }) => [step, kind])).toEqual([
      [25, 'periodic'],
      [50, 'periodic'],
      [60, 'final']
    ])
    expect(readLog(rig.store.db, id)[0].text).toMatch(
      /^Training on 10 episodes \(200 transitions\), 2 held out\.$/
    )
    expect(rig.changes.evaluationAdded).toHaveBeenCalledWith(id)
    const job = JSON.parse(readFileSync(join(runFolder(rig.store.home, id), 'job.json'), 'utf8')) as object
    expect(job).toMatchObject({ runId: id, seed: 0, algorithm: 'bc' })
  })

  test('trains as many runs at once as there are slots, and shares the cores among them', async () => {
    rig.supervisor.slots(2)
    const { runIds } = await rig.supervisor.create(rig.plan({ seeds: [0, 1, 2] }, longConfig))
    expect(runIds.map(rig.stateOf)).toEqual(['starting', 'starting', 'queued'])
    expect(getRun(rig.store.db, runIds[2]).queuePosition).toBe(0)
    await Promise.all(runIds.slice(0, 2).map(id => rig.reaches(id, 'running')))
    expect(getRun(rig.store.db, runIds[0]).engine?.threads).toBe(2)
    await rig.supervisor.stop([runIds[0]])
    await rig.reaches(runIds[0], 'stopped')
    await rig.reaches(runIds[2], 'running')
    expect(rig.stateOf(runIds[1])).toBe('running')
  })

  test('keeps the number of slots', async () => {
    rig.supervisor.slots(3)
    await rig.supervisor.close(0)
    rig.start()
    expect(rig.supervisor.slots(null)).toEqual({ slots: 3, cores: 4 })
  })

  test('pauses and resumes queued and running runs', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({ seeds: [0, 1] }, longConfig))
    await rig.stepReaches(runIds[0], 0)
    await rig.supervisor.pause(runIds)
    expect(runIds.map(rig.stateOf)).toEqual(['pausing', 'paused'])
    await rig.reaches(runIds[0], 'paused')
    const paused = getRun(rig.store.db, runIds[0]).progress.lastCheckpointStep!
    expect(paused).toBeGreaterThan(0)
    await rig.supervisor.resume([runIds[0]], false)
    await rig.stepReaches(runIds[0], paused)
    expect(listSegments(rig.store.db, runIds[0]).at(-1)).toMatchObject({ resumedFrom: paused })
    await expect(rig.supervisor.resume([runIds[0]], false)).rejects.toThrow(
      /is running, so there is nothing to resume/
    )
    await rig.supervisor.stop([runIds[0]])
    await rig.reaches(runIds[0], 'stopped')
    expect(listCheckpoints(rig.store.db, runIds[0]).at(-1)?.kind).toBe('final')
    expect(rig.supervisor.isActive(runIds[0])).toBe(false)
  })

  test('a killed trainer leaves an interrupted run that goes on from its checkpoint, the rest hidden', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, { ...longConfig, checkpointEvery: 120 }))
    const [id] = runIds
    await vi.waitFor(() => expect(listCheckpoints(rig.store.db, id).length).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 5
    })
    const trainer = rig.pids[0]
    await rig.stepReaches(id, 0)
    process.kill(trainer, 'SIGKILL')
    await rig.reaches(id, 'interrupted')
    const { reason } = getRun(rig.store.db, id)
    expect(reason).toMatch(/was ended by SIGKILL .* resuming goes on from step \d+/)
    const announced = listCheckpoints(rig.store.db, id).at(-1)!.step
    await rig.supervisor.resume([id], false)
    const again = () =>
      readPoints(rig.store.db, id, findKeyId(rig.store.db, 'train/actorLoss')!).filter(
        ({ segment }) => segment === 1
      )
    await vi.waitFor(() => expect(again().length).toBeGreaterThan(0), { timeout: 30_000 })
    // The kill may have come between the last checkpoint and its message.
    const from = listSegments(rig.store.db, id).at(-1)!.resumedFrom!
    expect(from).toBeGreaterThanOrEqual(announced)
    expect(listSegments(rig.store.db, id)).toMatchObject([{ visibleTo: from }, { resumedFrom: from }])
    expect(again()[0].steps[0]).toBe(Math.ceil((from + 1) / 50) * 50)
  })

  test('a trainer that crashes leaves a failed run that says so and can go on', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    const [id] = runIds
    await vi.waitFor(() => expect(listCheckpoints(rig.store.db, id).length).toBeGreaterThan(0), waiting)
    process.kill(rig.pids[0], 'SIGSEGV')
    await rig.reaches(id, 'failed')
    const { reason, progress } = getRun(rig.store.db, id)
    expect(reason).toMatch(
      /was ended by SIGSEGV \(native code .* memory runs out\) .* goes on from step \d+\.$/
    )
    expect(readLog(rig.store.db, id).at(-1)).toMatchObject({ level: 'error', text: reason })
    await rig.supervisor.resume([id], false)
    await rig.stepReaches(id, progress.lastCheckpointStep!)
  })

  test('every point that a trainer has sent is stored although it was killed right after', async () => {
    const config = { ...longConfig, logEvery: 1, checkpointEvery: 100_000 }
    const { runIds } = await rig.supervisor.create(rig.plan({}, config))
    await rig.stepReaches(runIds[0], 0)
    process.kill(rig.pids[0], 'SIGKILL')
    await rig.reaches(runIds[0], 'interrupted')
    const steps = rig.stepsOf(runIds[0], 'train/actorLoss')
    expect(steps).toEqual(Array.from(steps, (_, i) => i + 1))
    expect(steps.length).toBeGreaterThanOrEqual(getRun(rig.store.db, runIds[0]).progress.step)
  })

  test('a trainer without a sign of life for 30 s is shown as stalled, and as running when it answers', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    await rig.stepReaches(runIds[0], 0)
    process.kill(rig.pids[0], 'SIGSTOP')
    setClock({ now: () => new Date().getTime(), monotonicSeconds: () => performance.now() / 1000 + 60 })
    const phase = (): string => getRun(rig.store.db, runIds[0]).progress.phase
    await vi.waitFor(() => expect(phase()).toBe('stalled'), { timeout: 30_000 })
    process.kill(rig.pids[0], 'SIGCONT')
    await vi.waitFor(() => expect(phase()).not.toBe('stalled'), { timeout: 30_000 })
    expect(readLog(rig.store.db, runIds[0]).map(({ text }) => text)).toContain('The trainer answers again.')
  })

  test('a trainer that hangs is ended when it was asked to leave and does not answer; its run can go on', async () => {
    let ahead = 0
    setClock({ now: () => new Date().getTime(), monotonicSeconds: () => performance.now() / 1000 + ahead })
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    const [id] = runIds
    await vi.waitFor(() => expect(listCheckpoints(rig.store.db, id).length).toBeGreaterThan(0), waiting)
    process.kill(rig.pids[0], 'SIGSTOP')
    await rig.supervisor.pause([id])
    ahead += 40
    await vi.waitFor(() => expect(getRun(rig.store.db, id).progress.phase).toBe('stalled'), waiting)
    expect(rig.stateOf(id)).toBe('pausing')
    expect(readLog(rig.store.db, id).at(-1)?.text).toMatch(/no sign of life for \d+ s\. .*pause the run/)
    ahead += 40
    await rig.reaches(id, 'interrupted')
    const { reason, progress } = getRun(rig.store.db, id)
    expect(reason).toMatch(
      /^Its trainer did not answer within 60 s when it was asked to pause, .*goes on from step \d+\.$/
    )
    await rig.supervisor.resume([id], false)
    await rig.stepReaches(id, progress.lastCheckpointStep!)
    expect(rig.stateOf(id)).toBe('running')
  })

  test('closing saves every run and pauses it', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    await rig.stepReaches(runIds[0], 0)
    await rig.supervisor.close(60_000)
    expect(rig.stateOf(runIds[0])).toBe('paused')
    expect(listCheckpoints(rig.store.db, runIds[0]).at(-1)?.kind).toBe('pause')
  })

  test('does not resume under another engine unless that is allowed, and then says so', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    const [id] = runIds
    await rig.stepReaches(id, 0)
    await rig.supervisor.pause([id])
    await rig.reaches(id, 'paused')
    const engine = { ...getRun(rig.store.db, id).engine!, version: '0.0.1' }
    updateRun(rig.store.db, id, { engine })
    await expect(rig.supervisor.resume([id], false)).rejects.toMatchObject({ code: 'conflict' })
    expect(rig.stateOf(id)).toBe('paused')
    await rig.supervisor.resume([id], true)
    await rig.reaches(id, 'running')
    expect(getRun(rig.store.db, id).bitExact).toBe(false)
  })

  test('a run that waits with another engine starts with it after a restart', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    const [id] = runIds
    await rig.stepReaches(id, 0)
    await rig.supervisor.pause([id])
    await rig.reaches(id, 'paused')
    updateRun(rig.store.db, id, { engine: { ...getRun(rig.store.db, id).engine!, id: 'gone' } })
    const busy = await rig.supervisor.create(rig.plan({ seeds: [1] }, longConfig))
    await rig.supervisor.resume([id], true)
    expect(getRun(rig.store.db, id)).toMatchObject({ state: 'queued', engine: null, bitExact: false })
    await rig.supervisor.close(60_000)
    expect(rig.stateOf(busy.runIds[0])).toBe('paused')
    rig.start()
    await rig.reaches(id, 'running')
    expect(getRun(rig.store.db, id)).toMatchObject({ bitExact: false, reason: null })
    expect(getRun(rig.store.db, id).engine?.id).not.toBe('gone')
  })
})

describe('a plan', () => {
  test('becomes one run for every dataset, algorithm and seed; groups share key and colour', async () => {
    const algorithms = [
      { algorithm: 'bc', config: tinyConfig },
      { algorithm: 'bc', config: { ...tinyConfig, batchSize: 4 } },
      { algorithm: 'iql', config: tinyConfig, label: 'Mine' }
    ]
    const { runIds } = await rig.supervisor.create(rig.plan({ algorithms, seeds: [0, 7] }))
    await rig.supervisor.stop(runIds.slice(1))
    const runs = runIds.map(id => getRun(rig.store.db, id))
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
    expect((await rig.supervisor.estimate(rig.plan({ algorithms }))).problems).toMatchObject([
      { algorithm: 'bc', field: 'batchSize' }
    ])
    await expect(rig.supervisor.create(rig.plan({ algorithms }))).rejects.toMatchObject({
      code: 'invalid-config'
    })
    await expect(rig.supervisor.create(rig.plan({ datasets: ['none'] }))).rejects.toMatchObject({
      code: 'not-found'
    })
    await expect(rig.supervisor.create(rig.plan({ seeds: [1, 1] }))).rejects.toThrow('seed 1 is listed twice')
  })

  test('is refused where the data lacks what the algorithm reads', async () => {
    const silent = await writeInto(rig.store.home, walks(5))
    const { id } = addDataset(rig.store.db, { ...storedDataset(silent), name: 'silent', hasRewards: false })
    const plan = rig.plan({ datasets: [id], algorithms: [{ algorithm: 'iql', config: {} }] })
    await expect(rig.supervisor.create(plan)).rejects.toMatchObject({
      code: 'incompatible-data',
      message: expect.stringMatching(/needs rewards; dataset "silent" has none/)
    })
  })

  test('is estimated from the speed of an earlier run of the same shape', async () => {
    expect(await rig.supervisor.estimate(rig.plan())).toMatchObject({ runs: 1, seconds: null })
    const { runIds } = await rig.supervisor.create(rig.plan())
    await rig.reaches(runIds[0], 'finished')
    const speed = seriesFacts(rig.store.db, runIds[0]).find(
      ({ key }) => key === 'time/stepsPerSecond'
    )!.lastValue
    const { seconds, runs } = await rig.supervisor.estimate(rig.plan({ seeds: [1, 2, 3] }))
    expect(runs).toBe(3)
    expect(seconds).toBeCloseTo((3 * 60) / speed)
  })
})

describe('an export', () => {
  test('of the metrics holds every visible point', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    await rig.reaches(runIds[0], 'finished')
    const { name } = await rig.supervisor.export({ id: runIds[0], what: 'metrics', checkpointStep: null })
    expect(name).toBe('BC-seed-0.csv')
    const lines = readFileSync(join(rig.store.home.exports, name), 'utf8').trim().split('\n')
    expect(lines[0]).toBe('metric,step,seconds,value')
    expect(lines.filter(line => line.startsWith('train/actorLoss,'))).toHaveLength(3)
    expect(readdirSync(rig.store.home.exports)).toEqual([name])
  })

  test.each(['bc', 'awr'])(
    'of the policy of %s acts on raw observations as the run does',
    async algorithm => {
      const config = { ...tinyConfig, normalizeObservations: true }
      const { runIds } = await rig.supervisor.create(
        rig.plan({ algorithms: [{ algorithm, config }], engine: 'auto' })
      )
      await rig.reaches(runIds[0], 'finished')
      const { name, sizeBytes, checked } = await rig.supervisor.export({
        id: runIds[0],
        what: 'policy',
        checkpointStep: null
      })
      expect(checked).toMatch(
        /^Compared in ONNX Runtime on 252 observations .* largest difference \d\.\de-\d+ of the action range\.$/
      )
      const bytes = readFileSync(join(rig.store.home.exports, name))
      expect(bytes.length).toBe(sizeBytes)
      const { actions } = await runOnnx(bytes, {
        observations: floats([3, 2], Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
      })
      expect(actions.shape).toEqual([3, 2])
      const missing = rig.supervisor.export({ id: runIds[0], what: 'policy', checkpointStep: 7 })
      await expect(missing).rejects.toThrow(/has no checkpoint of step 7/)
    }
  )

  test('of the whole run is a folder with everything in it', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    await rig.reaches(runIds[0], 'finished')
    const { name, checked } = await rig.supervisor.export({
      id: runIds[0],
      what: 'folder',
      checkpointStep: null
    })
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
    expect(readdirSync(join(rig.store.home.exports, name)).sort()).toEqual(files)
  })
})

describe('while the store is full', () => {
  /** Takes what room there is, and forbids the file to grow. */
  function fill(id: string): void {
    const db = connection(rig.store.db)
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`)
    for (const length of [4000, 400, 4])
      expect(() => {
        for (;;) appendLog(rig.store.db, id, { level: 'info', step: null, text: 'x'.repeat(length) })
      }).toThrow('the disk is full')
  }
  const makeRoom = () => connection(rig.store.db).pragma('max_page_count = 1000000')
  /** The app's own log tells of it; the runs' cannot. */
  function expectTold(): void {
    expect(rig.said.join()).toContain('the disk is full')
    rig.said.length = 0
  }

  test('nothing that a trainer says is lost: it is stored, in order, when there is room', async () => {
    const config = { ...longConfig, logEvery: 1, evalEvery: 100, checkpointEvery: 100 }
    const { runIds } = await rig.supervisor.create(rig.plan({}, config))
    const [id] = runIds
    await rig.stepReaches(id, 0)
    fill(id)
    const folder = checkpointFolder(rig.store.home, id)
    const saved = (): number[] =>
      readdirSync(folder)
        .filter(name => /^step-\d+$/.test(name))
        .map(name => Number(name.slice('step-'.length)))
        .sort((a, b) => a - b)
    const from = saved().at(-1) ?? 0
    await vi.waitFor(() => expect(saved().at(-1)).toBeGreaterThan(from + 300), waiting)
    makeRoom()
    await rig.supervisor.pause([id])
    await rig.reaches(id, 'paused')
    const steps = listEvaluations(rig.store.db, id).map(({ step }) => step)
    expect(steps.length).toBeGreaterThan(3)
    expect(steps).toEqual(steps.map((_, i) => 100 * (i + 1)))
    const curve = rig.stepsOf(id, 'train/actorLoss')
    expect(curve).toEqual(curve.map((_, i) => i + 1))
    expect(listCheckpoints(rig.store.db, id).map(({ step }) => step)).toEqual(saved())
    expectTold()
  })

  test('a trainer that ends is not taken for a running one: its end is stored when there is room', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan({}, longConfig))
    const [id] = runIds
    await rig.stepReaches(id, 300)
    fill(id)
    process.kill(rig.pids[0], 'SIGKILL')
    await vi.waitFor(() => expect(() => process.kill(rig.pids[0], 0)).toThrow(), waiting)
    await vi.waitFor(() => expect(rig.said.length).toBeGreaterThan(0), waiting)
    makeRoom()
    await rig.reaches(id, 'interrupted')
    expectTold()
  })
})
