import { mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileError } from '../base/files.ts'

export { defaultHomeFolder } from '../base/homeFolder.ts'

/** The folder that holds everything of one installation; every path in it is derived here. */
export interface Home {
  readonly root: string
  readonly database: string
  /** Held open and locked by the one process that writes; never read by anything but SQLite. */
  readonly lock: string
  /** Process id of the lock's holder, as text for people. */
  readonly lockHolder: string
  readonly datasets: string
  readonly runs: string
  readonly exports: string
  /** Policies trained to make data, a folder each. */
  readonly behaviours: string
  /** Half-made things; emptied at start-up. */
  readonly staging: string
}

/** Paths of a home folder; nothing is created. */
export function homeAt(folder: string): Home {
  const root = resolve(folder)
  return {
    root,
    database: join(root, 'stitchwork.db'),
    lock: join(root, 'lock.db'),
    lockHolder: join(root, 'lock.pid'),
    datasets: join(root, 'datasets'),
    runs: join(root, 'runs'),
    exports: join(root, 'exports'),
    behaviours: join(root, 'behaviours'),
    staging: join(root, 'staging')
  }
}

/** Name of the home folder for people; the path stays in main. */
export const homeName = (home: Home): string => basename(home.root)

export const datasetFolder = (home: Home, id: string): string => join(home.datasets, id)
export const runFolder = (home: Home, id: string): string => join(home.runs, id)
/** Held by the trainer that writes in a run's folder. */
export const runLockFile = (folder: string): string => join(folder, 'trainer.lock')
export const checkpointFolder = (home: Home, id: string): string => join(home.runs, id, 'checkpoints')
export const rolloutFolder = (home: Home, id: string): string => join(home.runs, id, 'rollouts')

/**
 * Creates the folders, readable by this user only.
 * @throws UserError('io-error' | 'disk-full') when the place cannot be written
 */
export function createHome(home: Home): void {
  try {
    mkdirSync(home.root, { recursive: true, mode: 0o700 })
    for (const folder of [home.datasets, home.runs, home.exports, home.behaviours, home.staging])
      mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw fileError(error, 'create the home folder', home.root)
  }
}
