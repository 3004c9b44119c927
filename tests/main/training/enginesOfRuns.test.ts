import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { MeasuredSize } from '../../../src-preload/contract/engines.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import { plan, type Plan } from '../../../src-preload/contract/runs.ts'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import type { Chosen, EngineChooser } from '../../../src-main/engines/choice.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { homeAt } from '../../../src-main/store/home.ts'
import { readLog } from '../../../src-main/store/log.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import type { RunSupervisor } from '../../../src-main/training/supervisorInterface.ts'
import { storedDataset, temporaryFolder, tinyConfig, walks, writeInto } from './support.ts'

const quiet = () => undefined
const changes = {
  ...{ runsChanged: quiet, runsRemoved: quiet, pointsAppended: quiet },
  ...{ evaluationAdded: quiet, logAppended: quiet }
}
const info = (id: string, change: Partial<EngineInfo> = {}): EngineInfo => ({
  ...{ id, title: id, available: true, version: '1', device: 'CPU', reason: null },
  ...change
})
const bfloat16 = { precisions: [{ precision: 'bfloat16' as const, reason: null }] }

/** Trainers that say they have started and end when they are asked to. */
class FakeTrainers implements ProcessHost {
  readonly jobs: TrainingJob[] = []
  readonly ends: (() => void)[] = []
  /** What the trainer of each job says. */
  readonly voices: ((message: FromTrainer) => void)[] = []

  start(): ChildHandle {
    let say: (message: FromTrainer) => void = quiet
    let exit: () => void = quiet
    const end = (state: 'paused' | 'stopped' | 'finished'): void => {
      say({ kind: 'ended', state, reason: null })
      exit()
    }
    return {
      pid: 1,
      send: message => {
        const order = message as ToTrainer
        if (order.kind === 'pause') end('paused')
        if (order.kind === 'stop') end('stopped')
        if (order.kind !== 'start') return
        this.jobs.push(order.job)
        this.ends.push(() => end('finished'))
        this.voices.push(say)
        const { engine: id, threads, precision } = order.job
        const engine = { id, version: '1', threads, device: 'CPU', precision }
        say({ kind: 'started', engine, resumedFrom: null, bitExact: true })
      },
      onMessage: listener => void (say = listener),
      onExit: listener => void (exit = () => listener(0, null)),
      kill: () => exit()
    }
  }
}

let store: Store
let datasetId: string
let trainers: FakeTrainers
let supervisor: RunSupervisor
let engines: EngineInfo[]
/** What the chooser knows of speeds. */
let measuredSpeed: EngineChooser['knownSpeed']
/** Questions to the chooser that have no answer yet. */
let questions: {
  readonly size: MeasuredSize
  readonly precision: Precision
  answer(chosen: Chosen): void
  refuse(error: Error): void
}[]

beforeEach(async () => {
  store = openStore(homeAt(temporaryFolder()))
  datasetId = addDataset(store.db, storedDataset(await writeInto(store.home, walks()))).id
  trainers = new FakeTrainers()
  engines = [info('onnx'), info('tensorflow', bfloat16)]
  questions = []
  measuredSpeed = () => null
  supervisor = createSupervisor({
    ...{ db: store.db, home: store.home, processes: trainers, changes, cores: 4 },
    engines: async () => engines,
    log: { info: quiet, warning: quiet, error: quiet },
    chooser: {
      choose: (size, precision) =>
        new Promise((answer, refuse) => questions.push({ size, precision, answer, refuse })),
      knownSpeed: (...asked) => measuredSpeed(...asked)
    }
  })
})
afterEach(async () => {
  await supervisor.close(1000)
  store.close()
})

const planOf = (change: Partial<Plan> = {}): Plan =>
  plan.parse({
    ...{ name: 'test', datasets: [datasetId], seeds: [0] },
    algorithms: [{ algorithm: 'bc', config: tinyConfig }],
    ...change
  })
const create = async (change: Partial<Plan> = {}) => (await supervisor.create(planOf(change))).runIds
const stateOf = (id: string) => getRun(store.db, id).state
const tensorflow: Chosen = { engine: 'tensorflow', why: 'the fastest here' }

describe('an estimate without earlier runs', () => {
  test('is made from the measurements of the engine that the runs would get, on their threads', async () => {
    supervisor.slots(2)
    measuredSpeed = ({ threads }, engine) => (engine === 'auto' && threads === 2 ? 30 : null)
    const seeds = [0, 1, 2]
    const { seconds, basis } = await supervisor.estimate(planOf({ seeds }))
    expect(seconds).toBeCloseTo((3 * tinyConfig.gradientSteps) / 30 / 2)
    expect(basis).toMatch(/measurements of the engines/)
    expect(await supervisor.estimate(planOf({ seeds, engine: 'onnx' }))).toMatchObject({ seconds: null })
  })
})

test('how the steps of a run ran is recorded once it is told, and whether a resume changed it', async () => {
  const [id] = await create({ engine: 'tensorflow' })
  await vi.waitFor(() => expect(stateOf(id)).toBe('running'))
  expect(getRun(store.db, id).engine).toMatchObject({ id: 'tensorflow', version: '1' })
  expect(getRun(store.db, id).engine?.execution).toBeUndefined()
  const execution = { mode: 'graph' as const, reason: 'XLA does not compile this step' }
  trainers.voices[0]({ kind: 'runsAs', execution, bitExact: true })
  expect(getRun(store.db, id)).toMatchObject({ bitExact: true, engine: { id: 'tensorflow', execution } })
  trainers.voices[0]({ kind: 'runsAs', execution: { ...execution, mode: 'xla' }, bitExact: false })
  expect(getRun(store.db, id)).toMatchObject({ bitExact: false, engine: { execution: { mode: 'xla' } } })
})

describe('a run that leaves the engine to us', () => {
  test('waits in the queue until it is chosen, then trains with it and says why', async () => {
    const [id] = await create()
    expect(getRun(store.db, id)).toMatchObject({
      state: 'queued',
      progress: { phase: 'choosing the engine' }
    })
    expect(questions).toHaveLength(1)
    expect(questions[0]).toMatchObject({
      size: { algorithm: 'bc', hiddenSizes: [8], batchSize: 8, threads: 4, actions: 'continuous' },
      precision: 'float32'
    })
    questions[0].answer(tensorflow)
    await vi.waitFor(() => expect(stateOf(id)).toBe('running'))
    expect(trainers.jobs[0].engine).toBe('tensorflow')
    expect(getRun(store.db, id).engine).toMatchObject({ id: 'tensorflow', threads: 4 })
    expect(readLog(store.db, id, -1, 10).map(({ text }) => text)).toEqual([
      'Engine tensorflow: the fastest here.'
    ])
  })

  test('keeps those behind it waiting, so that the measurement has the machine to itself', async () => {
    supervisor.slots(2)
    const ids = await create({ seeds: [0, 1, 2] })
    const [named] = await create({ engine: 'onnx' })
    expect(questions).toHaveLength(1)
    expect([...ids, named].map(stateOf)).toEqual(Array(4).fill('queued'))
    questions[0].answer(tensorflow)
    await vi.waitFor(() => expect(questions).toHaveLength(2))
    expect(stateOf(ids[0])).toBe('running')
    questions[1].answer(tensorflow)
    await vi.waitFor(() => expect(stateOf(ids[1])).toBe('running'))
    expect(trainers.jobs.map(({ threads }) => threads)).toEqual([2, 2])
  })

  test.each(['pause', 'stop'] as const)('can %s at once while it is chosen', async action => {
    const [id] = await create()
    await supervisor[action]([id])
    expect(stateOf(id)).toBe(action === 'pause' ? 'paused' : 'stopped')
    const [next] = await create({ engine: 'onnx' })
    expect(stateOf(next)).toBe('running')
    questions[0].answer(tensorflow)
    await new Promise(resolve => setImmediate(resolve))
    expect(trainers.jobs).toHaveLength(1)
    expect(stateOf(id)).toBe(action === 'pause' ? 'paused' : 'stopped')
  })

  test('fails with the reason when none can be chosen, and the next one goes on', async () => {
    const [id] = await create()
    const [next] = await create({ engine: 'onnx' })
    questions[0].refuse(new Error('every engine failed on this network'))
    await vi.waitFor(() => expect(stateOf(next)).toBe('running'))
    expect(getRun(store.db, id)).toMatchObject({
      state: 'failed',
      reason: 'No engine could be chosen: every engine failed on this network'
    })
  })

  test('is pinned to it when it is resumed', async () => {
    const [id] = await create()
    questions[0].answer(tensorflow)
    await vi.waitFor(() => expect(stateOf(id)).toBe('running'))
    await supervisor.pause([id])
    await supervisor.resume([id], false)
    expect(stateOf(id)).toBe('running')
    expect(questions).toHaveLength(1)
    expect(trainers.jobs.map(({ engine }) => engine)).toEqual(['tensorflow', 'tensorflow'])
  })
})

test('a named engine is taken without a question', async () => {
  const [id] = await create({ engine: 'onnx' })
  expect(stateOf(id)).toBe('running')
  expect(questions).toEqual([])
})

describe('a precision', () => {
  test('goes from the plan to the job and the run, and makes groups of their own', async () => {
    supervisor.slots(2)
    const [plain] = await create({ engine: 'tensorflow' })
    const [reduced] = await create({ engine: 'tensorflow', precision: 'bfloat16' })
    expect(trainers.jobs.map(({ precision }) => precision)).toEqual(['float32', 'bfloat16'])
    expect(getRun(store.db, plain)).toMatchObject({ precision: 'float32', groupName: 'BC' })
    expect(getRun(store.db, reduced)).toMatchObject({
      precision: 'bfloat16',
      groupName: 'BC, bfloat16',
      engine: { id: 'tensorflow', precision: 'bfloat16' }
    })
    expect(getRun(store.db, reduced).groupKey).not.toBe(getRun(store.db, plain).groupKey)
  })

  test.each([
    ['onnx', /this engine has no bfloat16/],
    ['auto', /choose float32/]
  ])('that engine %s lacks is refused with the reason before anything is stored', async (engine, text) => {
    if (engine === 'auto') engines = [info('onnx')]
    await expect(create({ engine, precision: 'bfloat16' })).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(text)
    })
    const { problems } = await supervisor.estimate(planOf({ engine, precision: 'bfloat16' }))
    expect(problems).toEqual([{ algorithm: null, field: 'precision', text: expect.stringMatching(text) }])
  })

  test('that is gone stops a resume until that is allowed; it then goes on in float32, not bit-exact', async () => {
    const [id] = await create({ engine: 'tensorflow', precision: 'bfloat16' })
    await supervisor.pause([id])
    engines = [
      info('tensorflow', { precisions: [{ precision: 'bfloat16', reason: 'this processor has no AMX' }] })
    ]
    await expect(supervisor.resume([id], false)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('this processor has no AMX')
    })
    await supervisor.resume([id], true)
    expect(trainers.jobs.at(-1)).toMatchObject({ engine: 'tensorflow', precision: 'float32', resume: true })
    expect(getRun(store.db, id)).toMatchObject({ precision: 'float32', bitExact: false })
  })
})
