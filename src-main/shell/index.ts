import { app, BrowserWindow, dialog, protocol, session, shell } from 'electron'
import { join } from 'node:path'
import { packageRoot } from '../base/entries.ts'
import { messageOf } from '../base/errors.ts'
import { lineLog } from '../base/log.ts'
import { openHost, type Host } from '../host.ts'
import { pageFiles } from '../serve/pageFiles.ts'
import { appScheme, serveAppProtocol } from './appProtocol.ts'
import { askAboutRuns } from './closing.ts'
import { hardenContents, hardenSession } from './harden.ts'
import { serveWindow } from './ipcPorts.ts'
import { installMenu } from './menu.ts'
import { utilityProcessHost } from './utilityProcessHost.ts'
import { createWindow } from './window.ts'

export interface DesktopOptions {
  readonly home: string
  readonly development: boolean
}

const log = lineLog(line => void process.stderr.write(line))

/** The desktop's lifetime: one host, at most one window, and the question between them when it closes. */
class Desktop {
  readonly #host: Host
  #window: BrowserWindow | null = null
  #leaving = false

  constructor(host: Host) {
    this.#host = host
  }

  /** Opens the window, or brings it to the front. */
  show(): void {
    if (this.#window !== null) {
      if (this.#window.isMinimized()) this.#window.restore()
      return this.#window.focus()
    }
    const window = createWindow()
    this.#window = window
    serveWindow(window, this.#host.router, log)
    window.on('close', event => {
      if (this.#leaving || this.#host.activeRuns() === 0) return
      event.preventDefault()
      void this.#ask(window)
    })
    window.once('closed', () => {
      this.#window = null
      if (!this.#leaving && this.#host.activeRuns() === 0) void this.quit()
    })
  }

  async #ask(window: BrowserWindow): Promise<void> {
    const choice = await askAboutRuns(window, this.#host.activeRuns())
    if (choice === 'background') window.destroy()
    else if (choice === 'quit') await this.quit()
  }

  /** Lets the runs write their checkpoints, closes the store and ends the app. */
  async quit(): Promise<void> {
    if (this.#leaving) return
    this.#leaving = true
    try {
      await this.#host.close()
    } catch (error) {
      log.error('closing failed', error)
    }
    app.quit()
  }

  /** True when the app may end at once; otherwise the way through the question begins. */
  mayQuit(): boolean {
    if (this.#leaving) return true
    if (this.#window !== null) this.#window.close()
    else void this.quit()
    return false
  }

  async pick(kind: 'file' | 'folder'): Promise<string | null> {
    const options = { properties: [kind === 'file' ? ('openFile' as const) : ('openDirectory' as const)] }
    const result =
      this.#window === null
        ? await dialog.showOpenDialog(options)
        : await dialog.showOpenDialog(this.#window, options)
    return result.canceled ? null : (result.filePaths[0] ?? null)
  }
}

/**
 * Runs the desktop host until the person quits. A second start on the same home folder shows the first one's window.
 * @throws nothing: what cannot start is shown in a dialog, and the app exits with code 1
 */
export async function startDesktop(options: DesktopOptions): Promise<void> {
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([appScheme])
  app.setPath('userData', join(options.home, 'window'))
  if (!app.requestSingleInstanceLock()) return app.quit()
  hardenContents(app)
  await app.whenReady()
  hardenSession(session.defaultSession)
  serveAppProtocol(protocol, pageFiles(join(packageRoot, 'out/renderer')))
  installMenu(options.development)
  try {
    await run(options)
  } catch (error) {
    log.error('the host could not start', error)
    dialog.showErrorBox('Stitchwork cannot start', messageOf(error))
    app.exit(1)
  }
}

async function run(options: DesktopOptions): Promise<void> {
  let desktop: Desktop | null = null
  const host = await openHost({
    home: options.home,
    kind: 'desktop',
    processes: utilityProcessHost(),
    log,
    checkResults: options.development,
    pickPath: async kind => (await desktop?.pick(kind)) ?? null,
    revealPath: path => shell.showItemInFolder(path),
    showWindow: () => desktop?.show()
  })
  desktop = new Desktop(host)
  const shown = desktop
  app.on('second-instance', () => shown.show())
  app.on('activate', () => shown.show())
  app.on('window-all-closed', () => undefined) // whether the app ends is decided where the window closes
  app.on('before-quit', event => {
    if (!shown.mayQuit()) event.preventDefault()
  })
  shown.show()
}
