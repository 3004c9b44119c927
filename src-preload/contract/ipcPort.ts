import type { Port } from './frames.ts'

/** What the preload puts on the page as `window.stitchwork`: one fixed channel of frames, nothing else. */
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
