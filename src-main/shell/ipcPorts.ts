import { ipcMain, type BrowserWindow, type IpcMainEvent } from 'electron'
import type { Port } from '../../src-preload/contract/frames.ts'
import { channel } from '../../src-preload/contract/ipcPort.ts'
import type { Router } from '../api/router.ts'
import type { Log } from '../base/log.ts'
import { isOwnPage } from './sender.ts'

/** The host's end of the page's channel, and how its window drives it. */
interface PagePort extends Port {
  receive(frame: string): void
  acknowledge(characters: number): void
  closed(): void
}

function pagePort(window: BrowserWindow): PagePort {
  const frameListeners: ((frame: string) => void)[] = []
  const closeListeners: (() => void)[] = []
  let waiting = 0
  let open = true
  const closed = () => {
    if (!open) return
    open = false
    for (const listener of closeListeners) listener()
  }
  return {
    send: frame => {
      if (!open || window.isDestroyed()) return
      waiting += frame.length
      window.webContents.send(channel, frame)
    },
    onFrame: listener => frameListeners.push(listener),
    onClose: listener => closeListeners.push(listener),
    buffered: () => waiting,
    close: closed,
    receive: frame => {
      for (const listener of frameListeners) if (open) listener(frame)
    },
    acknowledge: characters => (waiting = Math.max(0, waiting - characters)),
    closed
  }
}

/**
 * Serves the contract to a window's page, and to nothing else that can reach the channel. A page that is loaded anew
 * gets a new port; the streams of the old one stop.
 */
export function serveWindow(window: BrowserWindow, router: Router, log: Log): void {
  const contents = window.webContents
  let port: PagePort | null = null
  const drop = () => {
    port?.closed()
    port = null
  }
  const receive = (event: IpcMainEvent, message: unknown) => {
    if (!isOwnPage(event, contents)) {
      log.warning(`refused a message from ${event.senderFrame?.url.slice(0, 200) ?? 'a frame that is gone'}`)
      return
    }
    if (typeof message === 'number') return void port?.acknowledge(message)
    if (typeof message !== 'string') return
    if (port === null) router.serve((port = pagePort(window)))
    port.receive(message)
  }
  ipcMain.on(channel, receive)
  contents.on('did-start-navigation', details => {
    if (details.isMainFrame && !details.isSameDocument) drop()
  })
  contents.on('render-process-gone', drop)
  window.once('closed', () => {
    ipcMain.removeListener(channel, receive)
    drop()
  })
}
