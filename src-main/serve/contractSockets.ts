import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { maxFrameBytes } from '../../src-preload/contract/frames.ts'
import { refusedCode } from '../../src-preload/contract/webSocketPort.ts'
import type { Router } from '../api/router.ts'
import type { Log } from '../base/log.ts'
import type { Access } from './access.ts'
import { wsPort } from './wsPort.ts'

const path = '/contract'
/** How long an open socket may take to send its token. */
const tokenTimeoutMs = 5_000

/**
 * Serves the contract on WebSockets of an HTTP server: exact Host and Origin at the door, the token as the first frame.
 * @returns a function that closes every socket
 */
export function serveContractSockets(
  server: Server,
  access: () => Access,
  router: Router,
  log: Log
): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    if (request.url !== path || !access().isHost(request) || !access().isOrigin(request))
      return refuse(stream)
    sockets.handleUpgrade(request, stream, head, socket => {
      request.socket.setTimeout(0)
      socket.on('error', error => log.warning(`a client's socket failed: ${error.message}`))
      admit(socket, access(), router)
    })
  })
  return () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}

function admit(socket: WebSocket, access: Access, router: Router): void {
  const timeout = setTimeout(() => socket.close(refusedCode, 'no token'), tokenTimeoutMs)
  socket.once('close', () => clearTimeout(timeout))
  socket.once('message', (data, isBinary) => {
    clearTimeout(timeout)
    if (!isBinary && access.isToken((data as Buffer).toString('utf8'))) router.serve(wsPort(socket))
    else socket.close(refusedCode, 'wrong token')
  })
}

function refuse(stream: Duplex): void {
  stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}
