import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createRouter, type Router } from '../../../src-main/api/router.ts'
import type { Log } from '../../../src-main/base/log.ts'
import { createClient } from '../../../src-preload/contract/client.ts'
import { channel, ipcPort, type FrameBridge } from '../../../src-preload/contract/ipcPort.ts'
import * as electron from '../../support/electron/standIn.ts'
import { describePort, keepingLog, sample, sampleHandlers, until } from '../api/contractSuite.ts'

vi.mock('electron', () => import('../../support/electron/standIn.ts'))
const { serveWindow } = await import('../../../src-main/shell/ipcPorts.ts')
const pageUrl = 'app://stitchwork/'

beforeAll(() => {
  electron.world.protocolHandler = () => new Response('')
})

/** A window of the stand-in on the app's page, with the source of the preload run in it. */
async function openWindow(router: Router, log: Log) {
  const window = new electron.BrowserWindow({ webPreferences: { preload: await builtPreload() } })
  serveWindow(window as never, router, log)
  await window.loadURL(pageUrl)
  return window
}

let preload: string | null = null
/** The preload, built into a file of its own as the production build does. */
async function builtPreload(): Promise<string> {
  if (preload !== null) return preload
  const outDir = mkdtempSync(join(tmpdir(), 'stitchwork-preload-'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      lib: {
        entry: join(import.meta.dirname, '../../../src-preload/index.ts'),
        formats: ['cjs'],
        fileName: () => 'index.cjs'
      },
      rollupOptions: { external: ['electron'] }
    }
  })
  preload = join(outDir, 'index.cjs')
  return preload
}

const bridgeOf = (window: electron.BrowserWindow) => window.webContents.page[channel] as FrameBridge

describePort('IPC (stand-in for Electron)', async (router, log) => {
  const window = await openWindow(router, log)
  const port = ipcPort(bridgeOf(window))
  const closeListeners: (() => void)[] = []
  return {
    // In Electron the page goes with its port; here closing the port closes the window, and the page hears of it.
    port: {
      ...port,
      onClose: listener => closeListeners.push(listener),
      close: () => {
        window.destroy()
        for (const listener of closeListeners) listener()
      }
    },
    close: () => window.destroy()
  }
})

describe('page channel', () => {
  async function start() {
    const { handlers, seen } = sampleHandlers()
    const log = keepingLog()
    const router = createRouter(sample, handlers, { log, checkResults: true })
    const window = await openWindow(router, log)
    return { window, seen, log, router, client: createClient(sample, ipcPort(bridgeOf(window))) }
  }

  it('stops the streams of a page that is loaded anew, and serves the new one', async () => {
    const { window, seen, client } = await start()
    const items = client.numbers.forever({})[Symbol.asyncIterator]()
    await items.next()
    await window.loadURL(pageUrl)
    await until(() => seen.ended.includes('forever'))
    const again = createClient(sample, ipcPort(bridgeOf(window)))
    expect(await again.numbers.add({ a: 1, b: 1 })).toBe(2)
    window.destroy()
  })

  it('stops everything when the page crashes or the window closes', async () => {
    for (const end of ['crash', 'close'] as const) {
      const { window, seen, client } = await start()
      const items = client.numbers.forever({})[Symbol.asyncIterator]()
      await items.next()
      if (end === 'crash') window.webContents.emit('render-process-gone', {}, { reason: 'crashed' })
      else window.destroy()
      await until(() => seen.ended.includes('forever'))
    }
    expect(electron.ipcMain.listenerCount(channel)).toBe(1) // the crashed window is still there
    electron.world.windows[0].destroy()
    expect(electron.ipcMain.listenerCount(channel)).toBe(0)
  })

  it('slows a stream down to what its page has taken', async () => {
    const { window, seen } = await start()
    const { renderer } = window.webContents
    window.webContents.renderer = null // the page hangs: nothing is delivered, nothing acknowledged
    renderer?.send(
      channel,
      JSON.stringify({ v: 1, id: 1, method: 'numbers.huge', params: { characters: 1_000_000 } })
    )
    renderer?.send(
      channel,
      JSON.stringify({ v: 1, id: 2, method: 'numbers.huge', params: { characters: 1_000_000 } })
    )
    await new Promise(resolve => setImmediate(() => setImmediate(() => setImmediate(resolve))))
    renderer?.send(channel, JSON.stringify({ v: 1, id: 3, method: 'numbers.forever', params: {} }))
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(seen.produced).toBe(0)
    renderer?.send(channel, 2_000_100)
    await until(() => seen.produced > 5)
    window.destroy()
  })

  const page = (): electron.Frame => ({
    parent: null,
    origin: 'app://stitchwork',
    url: pageUrl,
    detached: false
  })
  type Spoof = (window: electron.BrowserWindow) => { sender: unknown; senderFrame: electron.Frame | null }
  const own = (window: electron.BrowserWindow) => window.webContents.mainFrame
  const spoofs: readonly (readonly [string, Spoof])[] = [
    [
      'a frame inside the page',
      window => ({ sender: window.webContents, senderFrame: { ...page(), parent: own(window) } })
    ],
    ['a frame that is gone', window => ({ sender: window.webContents, senderFrame: null })],
    ['another window', () => ({ sender: { id: -1, mainFrame: page() }, senderFrame: page() })],
    ['a copy of the top frame', window => ({ sender: window.webContents, senderFrame: page() })],
    [
      'the top frame on a web site',
      window => changed(window, { origin: 'https://attacker.example', url: 'https://attacker.example/' })
    ],
    [
      'the top frame on an origin that starts like ours',
      window => changed(window, { origin: 'app://stitchwork.example', url: 'app://stitchwork.example/' })
    ],
    ['the top frame on a file', window => changed(window, { origin: 'file://', url: 'file:///index.html' })],
    ['the top frame while it is detached', window => changed(window, { detached: true })]
  ]
  function changed(window: electron.BrowserWindow, change: Partial<electron.Frame>) {
    Object.assign(own(window), change)
    return { sender: window.webContents, senderFrame: own(window) }
  }

  it.each(spoofs)('refuses a message from %s', async (_name, spoof) => {
    const { window, log } = await start()
    const sent = vi.spyOn(window.webContents, 'send')
    const frame = JSON.stringify({ v: 1, id: 1, method: 'numbers.add', params: { a: 1 } })
    electron.ipcMain.emit(channel, spoof(window), frame)
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    expect(sent).not.toHaveBeenCalled()
    expect(log.lines[0]).toContain('refused a message from')
    window.destroy()
  })
})
