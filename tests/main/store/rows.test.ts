import { describe, expect, it } from 'vitest'
import { dataset as datasetSchema } from '../../../src-preload/contract/datasets.ts'
import { evaluation as evaluationSchema } from '../../../src-preload/contract/evaluations.ts'
import { logLine, run as runSchema } from '../../../src-preload/contract/runs.ts'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import {
  addCheckpoint,
  findCheckpoint,
  listCheckpoints,
  removeCheckpoint
} from '../../../src-main/store/checkpoints.ts'
import {
  addDataset,
  editDataset,
  getDataset,
  listDatasets,
  removeDataset
} from '../../../src-main/store/datasets.ts'
import {
  addEvaluation,
  evaluationsAfter,
  findRollout,
  listEvaluations
} from '../../../src-main/store/evaluations.ts'
import { findExperiment } from '../../../src-main/store/experiments.ts'
import { appendLog, readLog } from '../../../src-main/store/log.ts'
import { appendPoints } from '../../../src-main/store/metrics.ts'
import {
  getRun,
  insertRuns,
  listRuns,
  nextQueueOrder,
  queuedRunIds,
  removeRuns,
  updateRun
} from '../../../src-main/store/runs.ts'
import { beginSegment } from '../../../src-main/store/segments.ts'
import { readSettings, saveSetting } from '../../../src-main/store/settings.ts'
import { one, type WritableDb } from '../../../src-main/store/sql.ts'
import { addRuns, exampleDataset, exampleRun, temporaryStore } from './support.ts'

function storeWithRuns(...ids: string[]): WritableDb {
  const { db } = temporaryStore()
  addRuns(db, ...ids)
  return db
}

const evaluation = (step: number, returns: readonly number[]) => ({
  step,
  seconds: step / 10,
  returns: Float64Array.from(returns),
  lengths: Int32Array.from(returns, () => 7),
  outcomes: returns.map(() => 'goal'),
  failedEpisodes: 0,
  score: returns[0] * 100,
  rollouts: [{ episode: 1, file: `step-${step}-episode-1.safetensors`, return: returns[0], outcome: 'goal' }]
})

describe('datasets', () => {
  it('come back as they were stored, in the form of the contract', () => {
    const { db } = temporaryStore()
    expect(addDataset(db, exampleDataset())).toEqual(exampleDataset())
    expect(datasetSchema.parse(getDataset(db, 'walks'))).toEqual(exampleDataset())
  })

  it('keep name and note when the same content is imported again', () => {
    const { db } = temporaryStore()
    addDataset(db, exampleDataset())
    editDataset(db, 'walks', { name: 'My walks', note: 'from a friend', archived: true })
    addDataset(db, exampleDataset())
    expect(getDataset(db, 'walks')).toMatchObject({
      name: 'My walks',
      note: 'from a friend',
      archived: false
    })
  })

  it('are listed newest first, archived ones only when asked for', () => {
    const { db } = temporaryStore()
    addDataset(db, exampleDataset('old'))
    addDataset(db, { ...exampleDataset('new'), createdAt: 1_800_000_000_000 })
    editDataset(db, 'old', { archived: true })
    expect(listDatasets(db).map(({ id }) => id)).toEqual(['new'])
    expect(listDatasets(db, true).map(({ id }) => id)).toEqual(['new', 'old'])
  })

  it('cannot be removed while runs use them', () => {
    const db = storeWithRuns('r')
    expect(() => removeDataset(db, 'walks')).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: expect.stringContaining('1 run uses the dataset "Walks"')
      })
    )
    removeRuns(db, ['r'])
    removeDataset(db, 'walks')
    expect(() => getDataset(db, 'walks')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})

describe('runs', () => {
  it('start queued, in the form of the contract, with names of what they belong to', () => {
    const db = storeWithRuns('a', 'b')
    const stored = runSchema.parse(getRun(db, 'b'))
    expect(stored).toMatchObject({
      ...{
        experimentName: 'First',
        datasetName: 'Walks',
        state: 'queued',
        queuePosition: 1,
        seed: 1,
        bitExact: true
      },
      ...{ finalReturn: null, progress: { step: 0, totalSteps: 100 } }
    })
    expect(queuedRunIds(db)).toEqual(['a', 'b'])
  })

  it('of one group share a colour for good; other groups get the next', () => {
    const db = storeWithRuns('a')
    const more = [
      exampleRun('b', { groupKey: 'iql' }),
      exampleRun('c', { groupKey: 'awr' }),
      exampleRun('d', { seed: 2 })
    ]
    insertRuns(db, more)
    expect(['a', 'b', 'c', 'd'].map(id => getRun(db, id).colour)).toEqual([0, 1, 2, 0])
    removeRuns(db, ['b'])
    insertRuns(db, [exampleRun('e', { groupKey: 'bcq' }), exampleRun('f', { groupKey: 'iql' })])
    expect(['c', 'e', 'f'].map(id => getRun(db, id).colour)).toEqual([2, 3, 1])
  })

  it('of one plan are of one moment and listed in its order', () => {
    const db = storeWithRuns('c', 'a', 'b')
    const listed = listRuns(db)
    expect(listed.map(({ id }) => id)).toEqual(['c', 'a', 'b'])
    expect(new Set(listed.map(({ createdAt }) => createdAt)).size).toBe(1)
  })

  it('are stored all or none', () => {
    const db = storeWithRuns('a')
    expect(() => insertRuns(db, [exampleRun('b'), exampleRun('a')])).toThrow('UNIQUE')
    expect(listRuns(db).map(({ id }) => id)).toEqual(['a'])
  })

  it('change the fields given and no others', () => {
    const db = storeWithRuns('a')
    const before = getRun(db, 'a')
    updateRun(db, 'a', {
      state: 'running',
      queueOrder: null,
      engine: { id: 'onnx', version: '1', threads: 2, device: 'cpu', precision: 'float32' }
    })
    updateRun(db, 'a', { note: 'x', name: undefined })
    expect(getRun(db, 'a')).toEqual({
      ...before,
      ...{ state: 'running', queuePosition: null, note: 'x' },
      engine: { id: 'onnx', version: '1', threads: 2, device: 'cpu', precision: 'float32' }
    })
    expect(() => updateRun(db, 'z', { note: 'x' })).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('queue again behind the others', () => {
    const db = storeWithRuns('a', 'b', 'c')
    updateRun(db, 'a', { queueOrder: nextQueueOrder(db) })
    expect(queuedRunIds(db)).toEqual(['b', 'c', 'a'])
    expect(getRun(db, 'a').queuePosition).toBe(2)
  })

  it('take everything that hangs on them along when removed, and an empty experiment too', () => {
    const db = storeWithRuns('a', 'b')
    appendPoints(db, 'a', [{ key: 'loss', steps: [0], seconds: [0], values: [1] }])
    addEvaluation(db, 'a', evaluation(1, [1]))
    addCheckpoint(db, 'a', { step: 1, file: 'c', sizeBytes: 1, kind: 'final' })
    appendLog(db, 'a', { level: 'info', step: null, text: 'hello' })
    removeRuns(db, ['a'])
    const tables = ['metric_tail', 'metric_series', 'evaluations', 'rollouts', 'checkpoints', 'log']
    for (const table of tables) expect(one(db, `SELECT count(*) AS n FROM ${table}`)).toEqual({ n: 0 })
    expect(findExperiment(db, 'first')?.name).toBe('First')
    removeRuns(db, ['b'])
    expect(findExperiment(db, 'first')).toBeUndefined()
  })
})

describe('evaluations', () => {
  it('come back in the form of the contract with their statistics and kept rollouts', () => {
    const db = storeWithRuns('r')
    addEvaluation(db, 'r', evaluation(100, [1, 2, 6]))
    const [stored] = listEvaluations(db, 'r')
    expect(evaluationSchema.parse(stored)).toMatchObject({
      step: 100,
      meanReturn: 3,
      meanLength: 7,
      score: 100,
      rollouts: [1]
    })
    expect(stored.standardDeviation).toBeCloseTo(Math.sqrt(7), 12)
    expect([...decodeColumn(stored.returns)]).toEqual([1, 2, 6])
    expect(findRollout(db, 'r', 100, 1)).toMatchObject({ file: 'step-100-episode-1.safetensors' })
    expect(findRollout(db, 'r', 100, 2)).toBeUndefined()
  })

  it('keep final and best return of the run up to date, and show a diverged one as such', () => {
    const db = storeWithRuns('r')
    addEvaluation(db, 'r', evaluation(100, [5]))
    addEvaluation(db, 'r', evaluation(200, [NaN]))
    expect(getRun(db, 'r')).toMatchObject({ finalReturn: 'NaN', finalScore: 'NaN', bestReturn: 5 })
    expect(listEvaluations(db, 'r')[1].meanReturn).toBe('NaN')
  })

  it('stored again replace themselves', () => {
    const db = storeWithRuns('r')
    addEvaluation(db, 'r', evaluation(100, [5]))
    addEvaluation(db, 'r', evaluation(100, [5]))
    expect(listEvaluations(db, 'r')).toHaveLength(1)
  })

  it('after the checkpoint a run was resumed from are hidden, and so is their score', () => {
    const db = storeWithRuns('r')
    for (const step of [100, 200, 300]) addEvaluation(db, 'r', evaluation(step, [step]))
    beginSegment(db, 'r', 200)
    expect(listEvaluations(db, 'r').map(({ step }) => step)).toEqual([100, 200])
    expect(getRun(db, 'r')).toMatchObject({ finalReturn: 200, bestReturn: 200 })
    addEvaluation(db, 'r', evaluation(300, [7]))
    expect(listEvaluations(db, 'r').map(({ meanReturn }) => meanReturn)).toEqual([100, 200, 7])
    expect(findRollout(db, 'r', 300, 1)?.return).toBe(7)
  })

  it('are followed by sequence, each once', () => {
    const db = storeWithRuns('r')
    addEvaluation(db, 'r', evaluation(100, [1]))
    const first = evaluationsAfter(db, 'r', 0)
    expect(first.evaluations).toHaveLength(1)
    expect(evaluationsAfter(db, 'r', first.sequence)).toEqual({ evaluations: [], sequence: first.sequence })
    addEvaluation(db, 'r', evaluation(200, [1]))
    expect(evaluationsAfter(db, 'r', first.sequence).evaluations.map(({ step }) => step)).toEqual([200])
  })
})

describe('checkpoints, log and settings', () => {
  it('find a checkpoint by step or the newest, and replace one of the same step', () => {
    const db = storeWithRuns('r')
    for (const step of [300, 100, 200])
      addCheckpoint(db, 'r', { step, file: `${step}.a`, sizeBytes: step, kind: 'periodic' })
    addCheckpoint(db, 'r', { step: 200, file: '200.b', sizeBytes: 2, kind: 'pause' })
    expect(listCheckpoints(db, 'r').map(({ step }) => step)).toEqual([100, 200, 300])
    expect(findCheckpoint(db, 'r', 200)).toMatchObject({ file: '200.b', kind: 'pause' })
    removeCheckpoint(db, 'r', 300)
    expect(findCheckpoint(db, 'r', null)).toMatchObject({ step: 200 })
    expect(findCheckpoint(db, 'r', 7)).toBeUndefined()
  })

  it('page through a log by sequence', () => {
    const db = storeWithRuns('r', 's')
    for (let i = 0; i < 5; i++) {
      appendLog(db, 'r', { level: 'info', step: i, text: `line ${i}` })
      appendLog(db, 's', { level: 'warning', step: null, text: 'other' })
    }
    const first = readLog(db, 'r', -1, 3)
    const rest = readLog(db, 'r', first[2].sequence, 3)
    expect([...first, ...rest].map(line => logLine.parse(line).text)).toEqual(
      [0, 1, 2, 3, 4].map(i => `line ${i}`)
    )
  })

  it('keep settings as JSON values', () => {
    const { db } = temporaryStore()
    saveSetting(db, 'theme', 'dark')
    saveSetting(db, 'theme', 'light')
    saveSetting(db, 'reduceMotion', true)
    expect(readSettings(db)).toEqual({ theme: 'light', reduceMotion: true })
  })
})
