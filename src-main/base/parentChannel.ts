import { invariant } from './errors.ts'

/** A child's end of the channel to the process that started it. */
export interface ParentChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** The parent is gone or has let go: save what matters and exit. */
  onClose(listener: () => void): void
  /** Resolves when everything sent so far has left this process; call it before exiting. */
  flush(): Promise<void>
}

/** Electron's channel in a utility process; plain Node has none. */
interface ElectronParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  on(event: 'close', listener: () => void): void
}

/**
 * The channel of this process, whichever process host started it.
 * @throws invariant in a process that nobody started as a child
 */
export function parentChannel(): ParentChannel {
  const port = (process as unknown as { parentPort?: ElectronParentPort }).parentPort
  return port === undefined ? nodeChannel() : electronChannel(port)
}

function electronChannel(port: ElectronParentPort): ParentChannel {
  return {
    send: message => port.postMessage(message),
    onMessage: listener => port.on('message', event => listener(event.data)),
    onClose: listener => port.on('close', listener),
    flush: () => new Promise(resolve => setImmediate(resolve))
  }
}

function nodeChannel(): ParentChannel {
  invariant(process.send !== undefined, 'this entry is started by the app, not by hand')
  let pending = 0
  const waiting: (() => void)[] = []
  const sent = () => {
    if (--pending === 0) for (const resolve of waiting.splice(0)) resolve()
  }
  return {
    send: message => {
      if (!process.connected) return
      pending++
      process.send?.(message, undefined, undefined, sent)
    },
    onMessage: listener => process.on('message', listener),
    onClose: listener => process.once('disconnect', listener),
    flush: () => (pending === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve)))
  }
}
