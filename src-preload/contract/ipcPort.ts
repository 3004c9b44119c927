import type { Port } from './frames.ts'

/** The one channel between the page and the desktop host, and the name of its bridge on `window`. */
export const channel = 'stitchwork'

/** What the preload puts on the page as `window.stitchwork`: frames in, frames out, nothing else. */
export interface FrameBridge {
  send(frame: string): void
  onFrame(listener: (frame: string) => void): void
}

/** The page's end of the desktop host's channel; it lives as long as the page. */
export function ipcPort(bridge: FrameBridge): Port {
  return {
    send: frame => bridge.send(frame),
    onFrame: listener => bridge.onFrame(listener),
    onClose: () => undefined,
    buffered: () => 0,
    close: () => undefined
  }
}
