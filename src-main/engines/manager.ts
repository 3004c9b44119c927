/** Installs and removes the engines that do not come with the app, one at a time, each install in a process of its own. */
import type { EngineProgress, InstalledEngine, InstallableId } from '../../src-preload/contract/engines.ts'
import { UserError } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { removeInstalled, tidyEngines } from './folders.ts'
import { readInstalledEngine } from './installed.ts'
import { proxyEnvironment } from './proxy.ts'
import type { FromInstaller, InstallJob, ToInstaller } from './messages.ts'

export interface EngineManager {
  /** What is installed of an engine; null: nothing. */
  installed(id: InstallableId): Promise<InstalledEngine | null>
  /**
   * Starts an install and returns at once.
   * @throws UserError('conflict') while one is running; UserError('invalid-config') where the proxy that is named is none
   */
  install(request: Omit<InstallJob, 'folder'>): EngineProgress
  /** Ends a running install; what was downloaded is kept, what was unpacked is deleted. */
  cancel(): void
  /** @throws UserError('conflict') while it is being installed or runs train with it; UserError('not-found') */
  remove(id: InstallableId): Promise<void>
  /** The state now, then every change, until the signal aborts. */
  progress(signal: AbortSignal): AsyncGenerator<EngineProgress>
  /** Kills a running install. */
  close(): void
}

export interface ManagerOptions {
  readonly processes: ProcessHost
  /** The engines folder. */
  readonly folder: string
  /** Called when an engine has come or gone. */
  readonly changed: () => void
  /** Names of runs that train with an engine now. */
  readonly usedBy: (id: InstallableId) => readonly string[]
}

const idle: EngineProgress = {
  id: 'tensorflow',
  state: 'idle',
  doneBytes: 0,
  totalBytes: 0,
  text: '',
  error: null
}

const calledOff = { state: 'cancelled', text: 'cancelled; what was downloaded is kept', error: null } as const

/** How long a cancelled installer may take to end what it started. */
const msToEnd = 2_000

/** The engines of one engines folder. */
export function createEngineManager(options: ManagerOptions): EngineManager {
  const state = new ProgressState()
  let child: ChildHandle | null = null
  let cancelled = false
  const installing = () => child !== null
  const tidy = async (): Promise<void> => {
    if (await tidyEngines(options.folder)) options.changed()
  }
  const tidied = tidy() // Hosts that were killed leave some 800 MB of a half-made engine.
  return {
    installed: () => readInstalledEngine(options.folder),
    install(request) {
      if (installing())
        throw new UserError('conflict', 'an engine is being installed already; wait or cancel it')
      const started = options.processes.start('engineInstaller', {
        environment: { ...proxyEnvironment(), TF_CPP_MIN_LOG_LEVEL: '2' }
      })
      child = started
      cancelled = false
      state.set({ ...idle, state: 'downloading', text: 'starting' })
      watch(started, state, async end => {
        await tidy()
        child = null
        options.changed()
        state.set({ ...state.now, ...(cancelled && end.state !== 'done' ? calledOff : end) })
      })
      const job: InstallJob = { ...request, folder: options.folder }
      void tidied.then(() => started.send({ kind: 'install', job } satisfies ToInstaller))
      return state.now
    },
    cancel() {
      if (child === null || cancelled) return
      cancelled = true
      state.set({ ...state.now, doneBytes: 0, totalBytes: 0, text: 'cancelling' })
      const ending = child
      ending.send({ kind: 'cancel' } satisfies ToInstaller)
      const timer = setTimeout(() => ending.kill(), msToEnd)
      ending.onExit(() => clearTimeout(timer))
    },
    async remove(id) {
      await tidied
      if (installing()) throw new UserError('conflict', `${id} is being installed; cancel that first`)
      const runs = options.usedBy(id)
      if (runs.length > 0) {
        const some = runs.slice(0, 3).join(', ')
        throw new UserError(
          'conflict',
          `${runs.length === 1 ? '1 run trains' : `${runs.length} runs train`} with ${id} (${some}); ` +
            `pause or stop ${runs.length === 1 ? 'it' : 'them'}, then remove the engine`,
          { runs: [...runs] }
        )
      }
      await removeInstalled(options.folder)
      options.changed()
    },
    progress: signal => state.follow(signal),
    close: () => child?.kill()
  }
}

/** Shows the steps of an installer process, and tells how it ended. */
function watch(
  child: ChildHandle,
  state: ProgressState,
  ended: (end: Partial<EngineProgress>) => Promise<void>
): void {
  let result: Partial<EngineProgress> | null = null
  child.onMessage(raw => {
    const message = raw as FromInstaller
    if (message.kind === 'step') state.set({ ...state.now, ...message.step })
    else if (message.kind === 'failed') result = { state: 'failed', error: message.error.message }
    else result = { state: 'done', text: `version ${message.installed.version} is ready`, error: null }
  })
  child.onExit((code, signal) => {
    void ended(result ?? { state: 'failed', error: lostIn(state.now, signal ?? `code ${code}`) })
  })
}

/** What the end of an installer process without a word means. */
const lostIn = ({ state }: EngineProgress, how: string): string =>
  state === 'verifying'
    ? `the built engine ends the process that tries it (${how}); this CPU may lack instructions it needs, and the engines of the app train without it`
    : `the installer ended without a word (${how}); install again, it goes on where it stopped`

/** The newest state, and everybody who waits for the next. */
class ProgressState {
  now: EngineProgress = idle
  readonly #waiting = new Set<() => void>()

  set(next: EngineProgress): void {
    this.now = next
    for (const wake of [...this.#waiting]) wake()
  }

  /** Every state that a reader can keep up with; the newest always comes. */
  async *follow(signal: AbortSignal): AsyncGenerator<EngineProgress> {
    let shown: EngineProgress | null = null
    while (!signal.aborted) {
      if (shown !== this.now) {
        shown = this.now
        yield shown
      } else await this.#change(signal)
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
