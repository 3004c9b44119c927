import type { Router } from '../api/router.ts'
import type { Log } from '../base/log.ts'
import { createAccess, type Access } from './access.ts'
import { serveContractSockets } from './contractSockets.ts'
import { createPageServer, listen } from './httpServer.ts'
import { pageFiles } from './pageFiles.ts'

/** The port that a bookmark or a tunnel can rely on while it is free. */
const usualPort = 7380

export interface ServeOptions {
  readonly router: Router
  readonly log: Log
  /** The built page. */
  readonly pageFolder: string
  /** A fixed port, 0 for any free one, null for the usual one or any free one. */
  readonly port: number | null
  /** Further `name:port` by which this server may be called, for tunnels to another port. */
  readonly hosts?: readonly string[]
  /** Reads the list of page files anew at every request. */
  readonly development?: boolean
}

export interface PageHost {
  readonly port: number
  /** What to open in a browser; whoever has it may use this host. */
  readonly address: string
  readonly token: string
  close(): Promise<void>
}

/**
 * Serves the page and the contract on 127.0.0.1.
 * @throws UserError('io-error') when a fixed port is taken
 */
export async function startServe(options: ServeOptions): Promise<PageHost> {
  let access: Access | null = null
  const admitted = (): Access => {
    if (access === null) throw new Error('invariant: a request came before the port was known')
    return access
  }
  const server = createPageServer(admitted, pageFiles(options.pageFolder, options.development))
  const closeSockets = serveContractSockets(server, admitted, options.router, options.log)
  const port = await listen(server, options.port, usualPort)
  access = createAccess(port, options.hosts)
  return {
    port,
    token: access.token,
    address: `http://127.0.0.1:${port}/#token=${access.token}`,
    close: () =>
      new Promise(resolve => {
        closeSockets()
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
