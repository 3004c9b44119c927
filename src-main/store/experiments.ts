import { one, run, type ReadableDb, type WritableDb } from './sql.ts'

/** What a person asked for at once: the runs of one experiment share data splits and evaluation starts. */
export interface Experiment {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  /** The plan as asked, JSON. */
  readonly plan: unknown
}

export function insertExperiment(db: WritableDb, experiment: Experiment): void {
  run(
    db,
    'INSERT INTO experiments (id, name, created_at, plan) VALUES (?, ?, ?, ?)',
    experiment.id,
    experiment.name,
    experiment.createdAt,
    JSON.stringify(experiment.plan)
  )
}

/** An experiment, or undefined. */
export function findExperiment(db: ReadableDb, id: string): Experiment | undefined {
  const row = one<{ id: string; name: string; created_at: number; plan: string }>(
    db,
    'SELECT * FROM experiments WHERE id = ?',
    id
  )
  return (
    row && { id: row.id, name: row.name, createdAt: row.created_at, plan: JSON.parse(row.plan) as unknown }
  )
}
