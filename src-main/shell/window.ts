import { BrowserWindow } from 'electron'
import { join } from 'node:path'
import { packageRoot } from '../base/entries.ts'
import { pageOrigin } from './sender.ts'

/** Opens the app's window: sandboxed, isolated, with the one preload, on the app's own page. */
export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Stitchwork',
    webPreferences: {
      preload: join(packageRoot, 'out/preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      spellcheck: false
    }
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${pageOrigin}/`)
  return window
}
