import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sweepTemporaries, temporariesIn } from '../base/files.ts'
import { isLocked } from '../base/processLock.ts'
import { datasetIds } from './datasets.ts'
import type { Store } from './open.ts'
import type { ReadableDb } from './sql.ts'
import { runFolder, runLockFile, type Home } from './home.ts'
import { listRuns, markInterrupted, runIds } from './runs.ts'

/** What a start found and put right. */
export interface StartupReport {
  /** Runs that claimed to be active and are now `interrupted`. */
  readonly interrupted: readonly string[]
  /** Paths under the home folder that no row names, deleted. */
  readonly swept: readonly string[]
}

/** A store's rows and its folder. */
interface HomeFiles {
  readonly db: ReadableDb
  readonly home: Home
}

/**
 * Puts right what a killed process left: runs that claim to be active become `interrupted`, and folders and temporary files that
 * no row names are deleted. Call it once, right after opening, before anything is started.
 */
export async function recoverStore(store: Store): Promise<StartupReport> {
  const interrupted = markInterrupted(store.db)
  const swept = orphans(store)
  for (const path of swept) rmSync(join(store.home.root, path), { recursive: true, force: true })
  const known = new Set(runIds(store.db))
  // All at once: one after the other, a thousand runs would keep every command waiting for the disk.
  const present = entries(store.home.runs).filter(name => known.has(name))
  const leftovers = await Promise.all(present.map(id => sweepRun(store, id)))
  return { interrupted, swept: [...swept, ...leftovers.flat()] }
}

/** Entries of the home folder that no row names, relative to it. */
export function orphans(store: HomeFiles): string[] {
  const datasets = new Set(datasetIds(store.db))
  const runs = new Set(runIds(store.db))
  return [
    ...entries(store.home.staging).map(name => join('staging', name)),
    ...entries(store.home.datasets).flatMap(name => (datasets.has(name) ? [] : [join('datasets', name)])),
    ...entries(store.home.runs).flatMap(name => (runs.has(name) ? [] : [join('runs', name)])),
    ...entries(store.home.exports).flatMap(name => (name.includes('.tmp-') ? [join('exports', name)] : []))
  ]
}

/** Datasets and runs whose folder is gone, as paths relative to the home folder; a run has none before its first start. */
export function missingFolders(store: HomeFiles): string[] {
  const datasets = new Set(entries(store.home.datasets))
  const runs = new Set(entries(store.home.runs))
  const started = listRuns(store.db, true).filter(run => run.startedAt !== null)
  return [
    ...datasetIds(store.db).flatMap(id => (datasets.has(id) ? [] : [join('datasets', id)])),
    ...started.flatMap(({ id }) => (runs.has(id) ? [] : [join('runs', id)]))
  ]
}

/** A trainer of the killed app may still be writing its last checkpoint; its temporary files are its own until it ends. */
async function sweepRun({ home }: Store, id: string): Promise<string[]> {
  const folders = ['.', 'checkpoints', 'rollouts']
  const left = await Promise.all(folders.map(folder => leftIn(join(runFolder(home, id), folder))))
  if (left.every(names => names.length === 0) || isLocked(runLockFile(runFolder(home, id)))) return []
  const swept: string[] = []
  for (const folder of folders.filter((_, index) => left[index].length > 0)) {
    const names = await sweepTemporaries(join(runFolder(home, id), folder))
    swept.push(...names.map(name => join('runs', id, folder, name)))
  }
  return swept
}

/** Temporary files in a folder; none when it does not exist. */
const leftIn = (folder: string): Promise<string[]> => temporariesIn(folder).catch(noneIfAbsent)

/** Names in a folder; none when it does not exist. */
function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    return noneIfAbsent(error)
  }
}

function noneIfAbsent(error: unknown): string[] {
  if ((error as { code?: string }).code === 'ENOENT') return []
  throw error
}
