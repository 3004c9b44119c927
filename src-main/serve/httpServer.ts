import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { UserError } from '../base/errors.ts'
import type { Access } from './access.ts'
import { pageHeaders, type PageFiles } from './pageFiles.ts'

/** A socket that says nothing for this long is closed; one that became a WebSocket is not. */
const idleTimeoutMs = 5_000
const maxConnections = 64

/** An HTTP server for the page's files: GET and HEAD of listed paths, for requests that name this host. */
export function createPageServer(access: () => Access, files: PageFiles): Server {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8 * 1024 },
    (request, response) => answer(access(), files, request, response)
  )
  server.maxConnections = maxConnections
  // Node's own header timeout does not end a socket that never sends a byte.
  server.on('connection', socket => socket.setTimeout(idleTimeoutMs, () => socket.destroy()))
  return server
}

function answer(access: Access, files: PageFiles, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '/'
  const refused =
    !access.isHost(request) || (request.headers.origin !== undefined && !access.isOrigin(request))
  if (refused) return reply(response, 403, 'this server answers to its own address only\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'GET or HEAD only\n')
  // The token belongs in the fragment; in the path or query it would land in logs and histories.
  if (url.includes('?')) return reply(response, 403, 'queries are not accepted\n')
  const file = files(url)
  if (file === null) return reply(response, 404, 'no such file\n')
  response.writeHead(200, {
    ...pageHeaders,
    'content-type': file.type,
    'content-length': file.body.byteLength,
    'cache-control': file.immutable ? 'max-age=31536000, immutable' : 'no-store'
  })
  response.end(request.method === 'HEAD' ? undefined : file.body)
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...pageHeaders,
    'content-type': 'text/plain; charset=utf-8',
    connection: 'close'
  })
  response.end(text)
}

/**
 * Binds the server to the loopback interface.
 * @param port a fixed port, 0 for any free one, or null for the usual one with any free one as its substitute
 * @returns the bound port
 * @throws UserError('io-error') when the wanted port is taken
 */
export async function listen(server: Server, port: number | null, usualPort: number): Promise<number> {
  try {
    await bind(server, port ?? usualPort)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    if (port === null && (code === 'EADDRINUSE' || code === 'EACCES')) await bind(server, 0)
    else
      throw new UserError(
        'io-error',
        `cannot listen on port ${port ?? usualPort} (${code}); choose another with --port`
      )
  }
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('invariant: the server has no port')
  return address.port
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}
