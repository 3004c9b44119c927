/**
 * A stand-in for the `electron` module, for machines without its binary: enough of main, preload and page to run the built
 * desktop host, with messages structured-cloned on their way. What it shows is our code's behaviour, not Electron's.
 */
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything the tests look at or set. */
export const world = {
  windows: [] as BrowserWindow[],
  schemes: [] as unknown[],
  sandboxEnabled: false,
  paths: {} as Record<string, string>,
  menu: null as unknown,
  opened: [] as string[],
  revealed: [] as string[],
  /** Answers of the next message boxes, by button index. */
  boxAnswers: [] as number[],
  boxes: [] as { message: string; detail: string; buttons: string[] }[],
  errorBoxes: [] as string[],
  pickAnswer: null as string | null,
  protocolHandler: null as
    ((request: { url: string; method: string }) => Response | Promise<Response>) | null,
  quitCalls: 0,
  exitCode: null as number | null
}

interface Preventable {
  defaultPrevented: boolean
  preventDefault(): void
}

/** An event that remembers whether it was prevented. */
export function preventable<T extends object>(fields?: T): T & Preventable {
  const event = {
    ...(fields as T),
    defaultPrevented: false,
    preventDefault: () => void (event.defaultPrevented = true)
  }
  return event
}

class App extends EventEmitter {
  lockGranted = true
  enableSandbox(): void {
    world.sandboxEnabled = true
  }
  setPath(name: string, path: string): void {
    world.paths[name] = path
  }
  requestSingleInstanceLock(): boolean {
    return this.lockGranted
  }
  async whenReady(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
  }
  quit(): void {
    world.quitCalls++
    const event = preventable({})
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    for (const window of [...world.windows]) {
      window.close()
      if (!window.isDestroyed()) return
    }
    this.exit(0)
  }
  exit(code = 0): void {
    world.exitCode = code
    this.emit('test-exit')
  }
}
export const app = new App()

export const ipcMain = new EventEmitter()

/** A frame as main sees it. */
export interface Frame {
  parent: Frame | null
  origin: string
  url: string
  detached: boolean
}

class WebContents extends EventEmitter {
  static next = 1
  readonly id = WebContents.next++
  mainFrame: Frame = { parent: null, origin: 'null', url: 'about:blank', detached: false }
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  renderer: IpcRenderer | null = null
  /** What the preload put on the page. */
  page: Record<string, unknown> = {}

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }

  send(channel: string, ...values: unknown[]): void {
    const renderer = this.renderer
    const copies = structuredClone(values)
    setImmediate(() => renderer?.emit(channel, {}, ...copies))
  }
}

/** The page's side of the channel; main sees its messages as coming from the window's top frame. */
class IpcRenderer extends EventEmitter {
  readonly #contents: WebContents
  constructor(contents: WebContents) {
    super()
    this.#contents = contents
  }
  send(channel: string, ...values: unknown[]): void {
    const event = { sender: this.#contents, senderFrame: this.#contents.mainFrame }
    const copies = structuredClone(values)
    setImmediate(() => ipcMain.emit(channel, event, ...copies))
  }
}

export class BrowserWindow extends EventEmitter {
  readonly options: { webPreferences?: Record<string, unknown> }
  readonly webContents = new WebContents()
  visible = false
  focused = 0
  #destroyed = false

  constructor(options: { webPreferences?: Record<string, unknown> } = {}) {
    super()
    this.options = options
    world.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  /** Loads as a browser would: asks the protocol, then runs the preload with the page's globals. */
  async loadURL(url: string): Promise<void> {
    const contents = this.webContents
    contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url })
    const response = await world.protocolHandler?.({ url, method: 'GET' })
    if (response?.status !== 200) throw new Error(`the page answered ${response?.status}`)
    contents.mainFrame = {
      parent: null,
      origin: url.replace(/^(\w+:\/\/[^/]+).*$/, '$1'),
      url,
      detached: false
    }
    contents.renderer = new IpcRenderer(contents)
    contents.page = {}
    runPreload(String(this.options.webPreferences?.['preload']), contents)
    this.emit('ready-to-show')
    contents.emit('did-finish-load')
  }

  show(): void {
    this.visible = true
  }
  focus(): void {
    this.focused++
  }
  isMinimized(): boolean {
    return false
  }
  restore(): void {}
  isDestroyed(): boolean {
    return this.#destroyed
  }
  close(): void {
    const event = preventable({})
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    world.windows.splice(world.windows.indexOf(this), 1)
    this.emit('closed')
    if (world.windows.length === 0) app.emit('window-all-closed')
  }
}

/** Runs a preload as a sandboxed one runs: one CommonJS file that may require `electron` alone. */
function runPreload(file: string, contents: WebContents): void {
  const parts = {
    contextBridge: { exposeInMainWorld: (name: string, value: unknown) => (contents.page[name] = value) },
    ipcRenderer: contents.renderer
  }
  const load = (name: string) => {
    if (name !== 'electron') throw new Error(`a sandboxed preload cannot require ${name}`)
    return parts
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the file is our own build, run as Electron runs it
  const run = new Function('require', 'module', 'exports', readFileSync(file, 'utf8')) as (
    ...values: unknown[]
  ) => void
  run(load, { exports: {} }, {})
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]) => void world.schemes.push(...schemes),
  handle: (scheme: string, handler: NonNullable<typeof world.protocolHandler>) => {
    if (scheme === 'app') world.protocolHandler = handler
  }
}

type RequestHandler = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void
type CheckHandler = (contents: unknown, permission: string) => boolean
type RequestFilter = (details: { url: string }, answer: (result: { cancel: boolean }) => void) => void

export const defaultSession = {
  requestHandler: null as
    ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null,
  checkHandler: null as ((contents: unknown, permission: string) => boolean) | null,
  deviceHandler: null as ((details: unknown) => boolean) | null,
  requestFilter: null as RequestFilter | null,
  spellChecker: true,
  setPermissionRequestHandler(handler: RequestHandler) {
    this.requestHandler = handler
  },
  setPermissionCheckHandler(handler: CheckHandler) {
    this.checkHandler = handler
  },
  setDevicePermissionHandler(handler: (details: unknown) => boolean) {
    this.deviceHandler = handler
  },
  setDisplayMediaRequestHandler() {},
  setSpellCheckerEnabled(enabled: boolean) {
    this.spellChecker = enabled
  },
  webRequest: { onBeforeRequest: (filter: RequestFilter): void => setFilter(filter) }
}
function setFilter(filter: RequestFilter): void {
  defaultSession.requestFilter = filter
}
export const session = { defaultSession }

export const dialog = {
  async showMessageBox(_window: unknown, options: (typeof world.boxes)[number]) {
    world.boxes.push(options)
    return { response: world.boxAnswers.shift() ?? 2 }
  },
  async showOpenDialog() {
    return world.pickAnswer === null
      ? { canceled: true, filePaths: [] }
      : { canceled: false, filePaths: [world.pickAnswer] }
  },
  showErrorBox: (title: string, text: string) => void world.errorBoxes.push(`${title}: ${text}`)
}

export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => void (world.menu = menu)
}

export const shell = {
  openExternal: async (url: string) => void world.opened.push(url),
  showItemInFolder: (path: string) => void world.revealed.push(path)
}

class UtilityProcess extends EventEmitter {
  pid: number | undefined
  readonly #child
  constructor(file: string, args: string[], options: { env?: NodeJS.ProcessEnv; execArgv?: string[] }) {
    super()
    this.#child = fork(file, args, {
      env: options.env,
      execArgv: ['--import', join(import.meta.dirname, 'utility.ts'), ...(options.execArgv ?? [])],
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc']
    })
    this.#child.once('spawn', () => {
      this.pid = this.#child.pid
      this.emit('spawn')
    })
    this.#child.on('message', message => this.emit('message', message))
    this.#child.once('exit', code => {
      this.pid = undefined
      this.emit('exit', code ?? 1)
    })
  }
  postMessage(message: unknown): void {
    this.#child.send(message as object)
  }
}
export type { UtilityProcess }
export const utilityProcess = {
  fork: (file: string, args: string[] = [], options: { env?: NodeJS.ProcessEnv; execArgv?: string[] } = {}) =>
    new UtilityProcess(file, args, options)
}
