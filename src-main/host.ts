import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, homedir, tmpdir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import type { GroupHandlers } from '../src-preload/contract/define.ts'
import { contract } from '../src-preload/contract/index.ts'
import { commandLineContract, type localContract } from '../src-preload/contract/local.ts'
import type { EngineInfo } from '../src-preload/contract/app.ts'
import { ChangeHub } from './api/changes.ts'
import { createDatasetParts } from './api/datasetParts.ts'
import { FileAccess } from './api/fileAccess.ts'
import { describeEngines } from './compute/index.ts'
import { probeEngines } from './compute/onnx/probe.ts'
import { createSupervisor } from './training/supervisor.ts'
import { createMeasurer } from './engines/measure.ts'
import { createHandlers } from './api/handlers.ts'
import { hostSocketPath, serveHostSocket } from './api/ports/hostSocket.ts'
import { createRouter, type Router } from './api/router.ts'
import type { Services } from './api/services.ts'
import { packageRoot } from './base/entries.ts'
import { UserError } from './base/errors.ts'
import { enginesFolder } from './base/homeFolder.ts'
import type { Log } from './base/log.ts'
import type { ProcessHost } from './base/processHost.ts'
import { createEngineChoice } from './engines/choice.ts'
import { createEngineManager } from './engines/manager.ts'
import { headerBytes, recognise } from './datasets/importers/index.ts'
import { homeAt } from './store/home.ts'
import { openStore, type Store } from './store/open.ts'
import { activeStates, listRuns } from './store/runs.ts'
import { recoverStore } from './store/startup.ts'

type HostKind = 'desktop' | 'serve' | 'command'

export interface HostOptions {
  /** The home folder; made when it is missing. */
  readonly home: string
  readonly kind: HostKind
  readonly processes: ProcessHost
  readonly log: Log
  /** Checks what handlers return against the contract: on in tests and development. */
  readonly checkResults: boolean
  /** The system's file dialog. */
  readonly pickPath?: (kind: 'file' | 'folder') => Promise<string | null>
  /** Shows a folder in the system's file manager. */
  readonly revealPath?: (path: string) => void
  /** Brings the window to the front. */
  readonly showWindow?: () => void
  /** Address of the page with its token, where one is served. */
  readonly pageAddress?: () => string | null
}

/** One open home folder and everything that works on it. */
export interface Host {
  /** Serves the contract to pages. */
  readonly router: Router
  /** Serves the contract and what only this user's own programs may ask. */
  readonly localRouter: Router
  /** Number of runs that train or wait for a slot. */
  activeRuns(): number
  /** Number of programs connected to the host's socket. */
  clients(): number
  /** Lets the runs write checkpoints, then closes the store and frees the home folder. */
  close(): Promise<void>
}

/** How long trainers may take to write their checkpoints when the host closes. */
const closeGraceMs = 10_000

/**
 * Opens a home folder and everything that works on it: store, run queue, imports, the contract's handlers, and the
 * socket for this user's own programs.
 * @throws UserError('store-locked' | 'store-newer' | 'store-corrupt' | 'io-error' | 'disk-full' | 'unsupported')
 */
export async function openHost(options: HostOptions): Promise<Host> {
  const store = openStore(homeAt(options.home))
  try {
    return await serveStore(store, options)
  } catch (error) {
    store.close()
    throw error
  }
}

async function serveStore(store: Store, options: HostOptions): Promise<Host> {
  const { interrupted, swept } = await recoverStore(store)
  if (interrupted.length > 0)
    options.log.warning(`${interrupted.length} runs were interrupted when the last host ended`)
  if (swept.length > 0) options.log.info(`removed ${swept.length} leftovers of an earlier host`)
  const services = createServices(store, options)
  const handlers = createHandlers(services)
  const { log, checkResults } = options
  const localRouter = createRouter(
    commandLineContract,
    { ...handlers, local: localHandlers(services, options) },
    { log, checkResults }
  )
  const socket = await serveHostSocket(hostSocketPath(store.home.root), localRouter)
  let closing: Promise<void> | null = null
  const close = async () => {
    services.engineChoice.close()
    await services.runs.close(closeGraceMs)
    services.imports.close()
    services.behaviours.close()
    services.engineManager.close()
    await socket.close()
    store.close()
  }
  return {
    router: createRouter(contract, handlers, { log, checkResults }),
    localRouter,
    activeRuns: () =>
      listRuns(store.db).filter(run => run.state === 'queued' || activeStates.includes(run.state)).length,
    clients: () => socket.clients(),
    close: () => (closing ??= close())
  }
}

/** Where a page without a system dialog may look for files: the person's folder, where the app was started, sticks and mounts. */
function fileRoots(): string[] {
  const started = dirname(process.cwd())
  const candidates = [
    homedir(),
    started === '/' ? process.cwd() : started,
    tmpdir(),
    '/media',
    '/mnt',
    '/data'
  ]
  const present = [...new Set(candidates.map(path => resolve(path)))].filter(path => existsSync(path))
  return present.filter(path => !present.some(other => other !== path && path.startsWith(other + sep)))
}

function createServices(store: Store, options: HostOptions): Services {
  const { log, processes, pickPath, revealPath } = options
  const changes = new ChangeHub()
  let described: Promise<EngineInfo[]> | null = null
  const engines = () => (described ??= describeEngines())
  const folder = enginesFolder()
  const training = () => listRuns(store.db).filter(run => activeStates.includes(run.state))
  const engineChoice = createEngineChoice({
    file: join(folder, 'measurements.json'),
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() },
    measurer: createMeasurer(processes),
    otherRuns: () => training().length,
    tryGraphics: async again => {
      if (await probeEngines({ host: processes, again })) described = null
    },
    ...{ engines, log }
  })
  return {
    store,
    changes,
    log,
    engines,
    engineChoice,
    engineManager: createEngineManager({
      processes,
      folder,
      changed: () => {
        described = null
        engineChoice.renewed('tensorflow')
      },
      usedBy: id =>
        training()
          .filter(run => run.engine?.id === id)
          .map(run => run.groupName || run.id)
    }),
    host: {
      kind: options.kind === 'desktop' ? 'desktop' : 'serve',
      version: (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string })
        .version,
      pick: pickPath ?? null,
      reveal: revealPath === undefined ? null : async path => revealPath(path)
    },
    files: new FileAccess({ roots: fileRoots(), headerBytes, recognise }),
    runs: createSupervisor({
      db: store.db,
      home: store.home,
      processes,
      changes,
      log,
      engines,
      cores: availableParallelism(),
      chooser: engineChoice
    }),
    ...createDatasetParts({ home: store.home, processes, changes })
  }
}

/** What only this user's own programs may ask. */
function localHandlers(services: Services, options: HostOptions): GroupHandlers<typeof localContract> {
  return {
    handle: ({ path }) => services.files.entryOf(path),
    page: () => ({ address: options.pageAddress?.() ?? null, pid: process.pid, host: options.kind }),
    installEngine: ({ gpu, wheels, index, keep }) =>
      services.engineManager.install({ gpu, wheels, index, keep }),
    showWindow: () => {
      if (options.showWindow === undefined) throw new UserError('unsupported', 'this host has no window')
      options.showWindow()
      return {}
    }
  }
}
