import type { ProcessHost } from '../base/processHost.ts'
import { createImportSupervisor } from '../datasets/importSupervisor.ts'
import { createDatasetLibrary } from '../datasets/library.ts'
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
export function createDatasetParts({ home, processes }: DatasetPartOptions): DatasetParts {
  const imports = createImportSupervisor(processes, home)
  return { imports, library: createDatasetLibrary(home.datasets, imports) }
}
