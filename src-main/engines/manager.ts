/** Installs and removes the engines that do not come with the app, one at a time, each install in a process of its own. */
import type { EngineProgress, InstalledEngine, InstallableId } from '../../src-preload/contract/engines.ts'
import { UserError } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import { removeInstalled } from './folders.ts'
import { readInstalledEngine } from './installed.ts'
import type { FromInstaller, InstallJob } from './messages.ts'

export interface EngineManager {
  /** What is installed of an engine; null: nothing. */
  installed(id: InstallableId): Promise<InstalledEngine | null>
  /**
   * Starts an install and returns at once.
   * @throws UserError('conflict') while one is running
   */
  install(request: Omit<InstallJob, 'folder'>): EngineProgress
  /** Ends a running install; what was downloaded is kept. */
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

/** The engines of one engines folder. */
export function createEngineManager(options: ManagerOptions): EngineManager {
  const state = new ProgressState()
  let child: ChildHandle | null = null
  const installing = () => child !== null
  return {
    installed: () => readInstalledEngine(options.folder),
    install(request) {
      if (installing())
        throw new UserError('conflict', 'an engine is being installed already; wait or cancel it')
      const started = options.processes.start('engineInstaller', {
        environment: { NODE_USE_ENV_PROXY: '1', TF_CPP_MIN_LOG_LEVEL: '2' }
      })
      child = started
      state.set({ ...idle, state: 'downloading', text: 'starting' })
      watch(started, state, () => {
        child = null
        options.changed()
      })
      started.send({ ...request, folder: options.folder } satisfies InstallJob)
      return state.now
    },
    cancel() {
      if (child === null) return
      state.set({ ...state.now, state: 'cancelled', text: 'cancelled; what was downloaded is kept' })
      child.kill()
    },
    async remove(id) {
      if (installing()) throw new UserError('conflict', `${id} is being installed; cancel that first`)
      const runs = options.usedBy(id)
      if (runs.length > 0) {
        const some = runs.slice(0, 3).join(', ')
        throw new UserError(
          'conflict',
          `${runs.length} runs train with ${id} (${some}); pause or stop them, then remove it`,
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

/** Turns the messages and the end of an installer process into states. */
function watch(child: ChildHandle, state: ProgressState, ended: () => void): void {
  let result: Partial<EngineProgress> | null = null
  child.onMessage(raw => {
    const message = raw as FromInstaller
    if (message.kind === 'step') {
      if (state.now.state !== 'cancelled') state.set({ ...state.now, ...message.step })
    } else if (message.kind === 'failed') result = { state: 'failed', error: message.error.message }
    else result = { state: 'done', text: `version ${message.installed.version} is ready`, error: null }
  })
  child.onExit((code, signal) => {
    ended()
    const how = signal ?? `code ${code}`
    const lost =
      state.now.state === 'verifying'
        ? `the built engine ends the process that tries it (${how}); this CPU may lack instructions it needs, and the engines of the app train without it`
        : `the installer ended without a word (${how}); install again, it goes on where it stopped`
    if (state.now.state === 'cancelled') state.set({ ...state.now })
    else state.set({ ...state.now, ...(result ?? { state: 'failed', error: lost }) })
  })
}

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
