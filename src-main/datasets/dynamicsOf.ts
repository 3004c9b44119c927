import type { DynamicsCheck } from '../../src-preload/contract/datasets.ts'
import type { Environment } from '../environments/environment.ts'
import { resolveName } from '../environments/names.ts'
import { hashColumns } from './columns.ts'
import type { DatasetColumns } from './dataset.ts'
import { checkDynamics, dynamicsCandidates } from './dynamics.ts'
import type { ReportProgress } from './importers/importer.ts'

/** A check, or why there is none; both null where nothing can be checked. */
export interface CheckedDynamics {
  readonly check: DynamicsCheck | null
  readonly problem: string | null
}

/** A check with the columns and the name that it is of, so that it need not be made again for the same ones. */
export interface KeptCheck {
  readonly content: string
  readonly checked: CheckedDynamics
}

/** What a check depends on. @param name what the source calls its environment */
export const contentOfCheck = (columns: DatasetColumns, name: string | null): string =>
  `${hashColumns(columns)} ${name ?? ''}`

/**
 * Checks columns against the simulated robots that may have recorded them.
 * @param name what the source calls its environment; without a name, sizes alone make a check worth telling only if it fits
 * @throws UserError('unsupported') when simulation cannot be loaded here
 */
export async function checkOf(
  columns: DatasetColumns,
  name: string | null,
  environments: readonly Environment[],
  progress: ReportProgress
): Promise<CheckedDynamics> {
  const named = name === null ? null : (resolveName(name, environments).environment?.id ?? null)
  const candidates = dynamicsCandidates(columns, environments, named)
  if (candidates.length === 0) return { check: null, problem: null }
  const check = await checkDynamics(columns, candidates, {
    named,
    progress: (done, total) => progress('checking the dynamics', done, total)
  })
  const byChance = name === null && columns.states === undefined && check.fits === null
  return { check: byChance ? null : check, problem: null }
}
