import type { AppInfo, EngineInfo } from '../../src-preload/contract/app.ts'
import type { Log } from '../base/log.ts'
import type { BehaviourLibrary } from '../collect/library.ts'
import type { ImportSupervisor } from '../datasets/importSupervisor.ts'
import type { DatasetLibrary } from '../datasets/library.ts'
import type { EngineChoice } from '../engines/choice.ts'
import type { EngineManager } from '../engines/manager.ts'
import type { Store } from '../store/open.ts'
import type { RunSupervisor } from '../training/supervisorInterface.ts'
import type { ChangeHub } from './changes.ts'
import type { FileAccess } from './fileAccess.ts'

/** Everything the handlers need; made once by the host and passed on. */
export interface Services {
  readonly store: Store
  readonly changes: ChangeHub
  readonly log: Log
  readonly host: HostFeatures
  readonly files: FileAccess
  readonly runs: RunSupervisor
  readonly imports: ImportSupervisor
  readonly library: DatasetLibrary
  /** Policies trained here to make data. */
  readonly behaviours: BehaviourLibrary
  /** Engines with whether they can be used; probing them is done once. */
  readonly engines: () => Promise<EngineInfo[]>
  /** Installs and removes engines that do not come with the app. */
  readonly engineManager: EngineManager
  /** Measures engines and picks the fastest. */
  readonly engineChoice: EngineChoice
}

/** What differs between the desktop and the headless host. */
export interface HostFeatures {
  readonly kind: AppInfo['host']
  readonly version: string
  /** The system's file dialog; null where there is none. Resolves to a path, or null when dismissed. */
  readonly pick: ((kind: 'file' | 'folder') => Promise<string | null>) | null
  /** Opens a folder in the system's file manager; null where that is not possible. */
  readonly reveal: ((path: string) => Promise<void>) | null
}
