import { UserError } from '../base/errors.ts'
import type { ProcessHost } from '../base/processHost.ts'
import type { Home } from '../store/home.ts'
import type { DatasetLibrary, ImportService } from './services.ts'

/** What the dataset parts work with. */
export interface DatasetPartOptions {
  readonly home: Home
  readonly processes: ProcessHost
}

export interface DatasetParts {
  readonly imports: ImportService
  readonly library: DatasetLibrary
}

/** Joins the dataset folder's functions to what the handlers ask for. */
export function createDatasetParts(_options: DatasetPartOptions): DatasetParts {
  const missing = (): never => {
    throw new UserError('unsupported', 'datasets cannot be imported yet')
  }
  const imports = {
    inspect: missing,
    commit: missing,
    discard: missing,
    make: missing,
    close: () => undefined
  }
  const library = {
    summary: missing,
    episodes: missing,
    episode: missing,
    map: missing,
    filter: missing,
    combine: missing
  }
  return { imports, library: { ...library, forget: () => undefined } }
}
