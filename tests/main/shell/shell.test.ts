import { afterAll, describe, expect, it, vi } from 'vitest'
import { pageFiles } from '../../../src-main/serve/pageFiles.ts'
import { makePage, traversals } from '../../support/pageFixture.ts'
import * as electron from '../../support/electron/standIn.ts'

vi.mock('electron', () => import('../../support/electron/standIn.ts'))
const { answerAppRequest } = await import('../../../src-main/shell/appProtocol.ts')
const { hardenContents, hardenSession } = await import('../../../src-main/shell/harden.ts')
const { createWindow } = await import('../../../src-main/shell/window.ts')
const { openExternalPage } = await import('../../../src-main/shell/menu.ts')
const { externalPages } = await import('../../../src-main/shell/externalPages.ts')

const page = makePage()
afterAll(() => page.remove())

/** Every permission that Electron's documentation names for its handlers. */
const permissions = [
  'clipboard-read',
  'clipboard-sanitized-write',
  'deprecated-sync-clipboard-read',
  'display-capture',
  'fileSystem',
  'fullscreen',
  'geolocation',
  'hid',
  'idle-detection',
  'keyboardLock',
  'media',
  'mediaKeySystem',
  'midi',
  'midiSysex',
  'notifications',
  'openExternal',
  'pointerLock',
  'serial',
  'speaker-selection',
  'storage-access',
  'top-level-storage-access',
  'unknown',
  'usb',
  'window-management',
  'a permission of the future'
]

describe('the page protocol', () => {
  const get = (url: string, method = 'GET') => answerAppRequest({ url, method }, pageFiles(page.folder))

  it('serves the page and its files with the security headers', async () => {
    const answer = get('app://stitchwork/#/runs')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await get('app://stitchwork/assets/page-1.js').text()).toContain('document.title')
  })

  it(`refuses ${traversals().length} ways out of the page's folder, other hosts and other methods`, async () => {
    for (const target of traversals()) {
      const answer = get(`app://stitchwork${target}`)
      expect(answer.status, target).toBeGreaterThanOrEqual(400)
      expect(await answer.text()).toBe('')
    }
    for (const url of [
      'app://other/index.html',
      'app://stitchwork.example/index.html',
      'app:///index.html',
      'file:///etc/passwd'
    ])
      expect(get(url).status).toBe(403)
    expect(get('app://stitchwork/', 'POST').status).toBe(403)
  })
})

describe('hardening', () => {
  it('denies every permission, asked or checked, and every device', () => {
    hardenSession(electron.defaultSession as never)
    for (const permission of permissions) {
      const answer = vi.fn()
      electron.defaultSession.requestHandler?.(null, permission, answer)
      expect(answer.mock.calls).toEqual([[false]])
      expect(electron.defaultSession.checkHandler?.(null, permission)).toBe(false)
    }
    expect(electron.defaultSession.deviceHandler?.({})).toBe(false)
    expect(electron.defaultSession.spellChecker).toBe(false)
  })

  it('lets no request leave the scheme of the app', () => {
    const cancelled = (url: string) => {
      let result = false
      electron.defaultSession.requestFilter?.({ url }, answer => (result = answer.cancel))
      return result
    }
    expect(cancelled('app://stitchwork/assets/page-1.js')).toBe(false)
    for (const url of [
      'https://example.com/',
      'http://127.0.0.1:7380/',
      'file:///etc/passwd',
      'ws://127.0.0.1/',
      'app://other/'
    ])
      expect(cancelled(url)).toBe(true)
  })

  it('denies navigation, redirects, embedded views and new windows to every contents', () => {
    hardenContents(electron.app as never)
    const { webContents } = new electron.BrowserWindow()
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview']) {
      const event = electron.preventable({ url: 'https://example.com/' })
      webContents.emit(name, event)
      expect(event.defaultPrevented, name).toBe(true)
    }
    expect(webContents.openHandler({ url: 'https://example.com/' })).toEqual({ action: 'deny' })
  })
})

describe('the window', () => {
  it('is sandboxed and isolated, with one preload and no Node', () => {
    vi.spyOn(electron.BrowserWindow.prototype, 'loadURL').mockResolvedValue()
    const window = createWindow() as unknown as electron.BrowserWindow
    const { preload, ...rest } = window.options.webPreferences ?? {}
    expect(preload).toMatch(/out[\\/]preload[\\/]index\.cjs$/)
    expect(rest).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      spellcheck: false
    })
    vi.restoreAllMocks()
  })
})

describe('external pages', () => {
  it('open by key from a fixed table of https addresses, and by nothing else', async () => {
    await openExternalPage('iql')
    expect(electron.world.opened).toEqual([externalPages.iql.url])
    for (const key of ['https://example.com', '__proto__', 'constructor', 'toString', ''])
      await openExternalPage(key as never)
    expect(electron.world.opened).toHaveLength(1)
    for (const { url } of Object.values(externalPages)) expect(new URL(url).protocol).toBe('https:')
  })
})
