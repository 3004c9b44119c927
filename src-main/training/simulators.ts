import { readSettings } from '../store/settings.ts'
import type { ReadableDb } from '../store/sql.ts'

/** More processes than this are not started unless they were asked for: each takes some 100 MB. */
const mostByItself = 8

/**
 * Processes that share out the episodes of an evaluation: as the setting `simulators` says, else one for each core that
 * falls to it.
 * @param load runs and evaluations that share the cores, this one included
 */
export function simulatorsFor(db: ReadableDb, cores: number, load: number): number {
  const asked = Number(readSettings(db).simulators ?? 0)
  if (Number.isInteger(asked) && asked > 0) return asked
  return Math.min(mostByItself, Math.max(1, Math.floor(cores / Math.max(1, load))))
}
