import type { Dataset } from '../../src-preload/contract/datasets.ts'
import { UserError } from '../base/errors.ts'
import { all, one, run, transaction, type ReadableDb, type WritableDb } from './sql.ts'

interface DatasetRow {
  id: string
  name: string
  note: string
  created_at: number
  archived: number
  record: string
}

/** Names, notes and the archived mark may change; the rest describes files that never do. */
type DatasetRecord = Omit<Dataset, 'id' | 'name' | 'note' | 'createdAt' | 'archived'>

const fromRow = (row: DatasetRow): Dataset => ({
  ...(JSON.parse(row.record) as DatasetRecord),
  id: row.id,
  name: row.name,
  note: row.note,
  createdAt: row.created_at,
  archived: row.archived === 1
})

/** Datasets, newest first; archived ones only when asked for. */
export function listDatasets(db: ReadableDb, archived = false): Dataset[] {
  const rows = all<DatasetRow>(
    db,
    'SELECT * FROM datasets WHERE archived <= ? ORDER BY created_at DESC, id',
    archived ? 1 : 0
  )
  return rows.map(fromRow)
}

/** A dataset, or undefined. */
export function findDataset(db: ReadableDb, id: string): Dataset | undefined {
  const row = one<DatasetRow>(db, 'SELECT * FROM datasets WHERE id = ?', id)
  return row && fromRow(row)
}

/** @throws UserError('not-found') */
export function getDataset(db: ReadableDb, id: string): Dataset {
  const found = findDataset(db, id)
  if (found === undefined)
    throw new UserError('not-found', `there is no dataset ${id}; it may have been removed`, { id })
  return found
}

/**
 * Makes a dataset visible, after its folder is in place. The same content imported again keeps its name, note and date.
 * @returns the dataset as stored
 */
export function addDataset(db: WritableDb, dataset: Dataset): Dataset {
  const { id, name, note, createdAt, archived: _, ...record } = dataset
  run(
    db,
    `INSERT INTO datasets (id, name, note, created_at, archived, record) VALUES (?, ?, ?, ?, 0, ?)
     ON CONFLICT (id) DO UPDATE SET archived = 0, record = excluded.record`,
    id,
    name,
    note,
    createdAt,
    JSON.stringify(record)
  )
  return getDataset(db, id)
}

/** @throws UserError('not-found') */
export function editDataset(
  db: WritableDb,
  id: string,
  edit: { readonly name?: string; readonly note?: string; readonly archived?: boolean }
): Dataset {
  return transaction(db, () => {
    const { name, note, archived } = { ...getDataset(db, id), ...withoutUndefined(edit) }
    run(
      db,
      'UPDATE datasets SET name = ?, note = ?, archived = ? WHERE id = ?',
      name,
      note,
      archived ? 1 : 0,
      id
    )
    return getDataset(db, id)
  })
}

/**
 * Forgets a dataset; its folder is the caller's to delete afterwards.
 * @throws UserError('not-found'), UserError('conflict') while runs use it
 */
export function removeDataset(db: WritableDb, id: string): void {
  transaction(db, () => {
    const { name } = getDataset(db, id)
    const { runs } = one<{ runs: number }>(db, 'SELECT count(*) AS runs FROM runs WHERE dataset_id = ?', id)!
    if (runs > 0) {
      const count = runs === 1 ? '1 run uses' : `${runs} runs use`
      throw new UserError(
        'conflict',
        `${count} the dataset "${name}"; remove the runs first, or archive the dataset`,
        { id, runs }
      )
    }
    run(db, 'DELETE FROM datasets WHERE id = ?', id)
  })
}

/** Ids of all datasets, archived or not. */
export const datasetIds = (db: ReadableDb): string[] =>
  all<{ id: string }>(db, 'SELECT id FROM datasets').map(row => row.id)

/** The given fields without those that are undefined, so that spreading them overwrites nothing by accident. */
function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}
