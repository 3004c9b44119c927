import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { addDataset } from '../../../src-main/store/datasets.ts'
import { insertExperiment } from '../../../src-main/store/experiments.ts'
import { homeAt, type Home } from '../../../src-main/store/home.ts'
import { openStore, type Store } from '../../../src-main/store/open.ts'
import { insertRuns, type NewRun } from '../../../src-main/store/runs.ts'
import type { WritableDb } from '../../../src-main/store/sql.ts'

/** A folder that is deleted when the test ends. */
export function temporaryHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return homeAt(folder)
}

/** An open store in a folder of its own; closed and deleted when the test ends. */
export function temporaryStore(): Store {
  const store = openStore(temporaryHome())
  onTestFinished(() => store.close())
  return store
}

export const exampleDataset = (id = 'walks'): Dataset => ({
  id,
  name: 'Walks',
  note: '',
  createdAt: 1_700_000_000_000,
  format: 'd4rl',
  sourceName: 'walks.hdf5',
  environmentId: 'crossroads',
  episodes: 3,
  transitions: 30,
  observationShape: [2],
  observationNames: ['x', 'y'],
  actionShape: [2],
  actionNames: ['dx', 'dy'],
  actionSpace: { kind: 'continuous', size: 2, low: [-1, -1], high: [1, 1], outside: 'clip', shareOutside: 0 },
  hasRewards: true,
  missingNextObservations: 0,
  endReasons: { terminated: 3, truncated: 0, cut: 0, unknown: 0 },
  meanReturn: 0.5,
  bestReturn: 1,
  meanLength: 10,
  scoreReference: null,
  sizeBytes: 1000,
  parents: [],
  archived: false
})

export const exampleRun = (id: string, changes: Partial<NewRun> = {}): NewRun => ({
  id,
  name: `run ${id}`,
  experimentId: 'first',
  groupKey: 'bc-default',
  groupName: 'BC',
  datasetId: 'walks',
  environmentId: 'crossroads',
  algorithm: 'bc',
  seed: 0,
  config: { gradientSteps: 100 },
  totalSteps: 100,
  engineWanted: 'auto',
  threadsWanted: 0,
  precision: 'float32',
  ...changes
})

/** A dataset, an experiment and runs of these ids. */
export function addRuns(db: WritableDb, ...ids: string[]): void {
  addDataset(db, exampleDataset())
  insertExperiment(db, { id: 'first', name: 'First', createdAt: 1, plan: {} })
  insertRuns(
    db,
    ids.map((id, seed) => exampleRun(id, { seed }))
  )
}
