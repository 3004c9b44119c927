import type { ProcessHost } from '../base/processHost.ts'
import { createBehaviourLibrary } from '../collect/library.ts'
import { createImportSupervisor } from '../datasets/importSupervisor.ts'
import { createDatasetLibrary } from '../datasets/library.ts'
import type { Home } from '../store/home.ts'
import type { ChangeHub } from './changes.ts'
import type { Services } from './services.ts'

/** What the dataset parts work with. */
export interface DatasetPartOptions {
  readonly home: Home
  readonly processes: ProcessHost
  readonly changes: ChangeHub
}

/** Imports, the library and the behaviours of one home folder; closing them ends their processes and closes their files. */
export function createDatasetParts(
  options: DatasetPartOptions
): Pick<Services, 'imports' | 'library' | 'behaviours'> {
  const imports = createImportSupervisor(options.processes, options.home)
  return {
    imports,
    library: createDatasetLibrary(options.home.datasets, imports),
    behaviours: createBehaviourLibrary(options.processes, options.home.behaviours, id =>
      options.changes.publish('behaviours', [id])
    )
  }
}
