import { ipcPort, type FrameBridge } from '../../src-preload/contract/ipcPort.ts'
import { webSocketPort } from '../../src-preload/contract/webSocketPort.ts'
import { createConnection, type Connection } from './connection.ts'
import { provideClient } from './holder.ts'
import { splitFragment, takeToken } from './token.ts'

let connection: Connection | null = null

/** Connects to the host: through the preload's bridge on the desktop, else through a socket to where the page came from. */
export function connectPage(): Connection {
  const bridge = (window as { stitchwork?: FrameBridge }).stitchwork
  if (bridge !== undefined) {
    connection = createConnection(() => ipcPort(bridge))
  } else {
    const token = takeToken(location, history, sessionStorage)
    // An address pasted over an old one in the same tab changes only the fragment.
    window.addEventListener('hashchange', () => {
      if (splitFragment(location.hash).token !== null) location.reload()
    })
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/contract`
    connection = createConnection(refused => webSocketPort(url, token, { onRefused: refused }))
  }
  provideClient(connection.client)
  return connection
}

/** The connection of this page, for the banner and for streams that go on after a loss. */
export function useConnection(): Connection {
  if (connection === null) throw new Error('invariant: the connection is used before main.ts made it')
  return connection
}
