import type { ProcessHost } from '../base/processHost.ts'
import { createImportSupervisor } from '../datasets/importSupervisor.ts'
import { createDatasetLibrary } from '../datasets/library.ts'
import type { Home } from '../store/home.ts'
import type { Services } from './services.ts'

/** What the dataset parts work with. */
export interface DatasetPartOptions {
  readonly home: Home
  readonly processes: ProcessHost
}

/** Imports and the library of one home folder; closing the imports ends their processes, closing the library its files. */
export function createDatasetParts(options: DatasetPartOptions): Pick<Services, 'imports' | 'library'> {
  const imports = createImportSupervisor(options.processes, options.home)
  return { imports, library: createDatasetLibrary(options.home.datasets, imports) }
}
