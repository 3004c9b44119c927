import { contextBridge, ipcRenderer } from 'electron'
import { channel, type FrameBridge } from './contract/ipcPort.ts'

/** Characters the page takes before main hears of it; main counts what it sent and slows its streams by the difference. */
const acknowledgeEvery = 64 * 1024

let unacknowledged = 0

/** Frames in, frames out, on one fixed channel: the page sees nothing of Electron. */
const bridge: FrameBridge = {
  send: frame => ipcRenderer.send(channel, String(frame)),
  onFrame: listener => {
    ipcRenderer.on(channel, (_event, frame: unknown) => {
      if (typeof frame !== 'string') return
      listener(frame)
      unacknowledged += frame.length
      if (unacknowledged < acknowledgeEvery) return
      ipcRenderer.send(channel, unacknowledged)
      unacknowledged = 0
    })
  }
}

contextBridge.exposeInMainWorld(channel, bridge)
