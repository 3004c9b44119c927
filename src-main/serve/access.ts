import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Who may speak to a serve host: exact names of this server, and one token. */
export interface Access {
  /** Drawn at every start; it travels in the address's fragment, which browsers never send over the network. */
  readonly token: string
  /** Compares without telling by its time where the difference is. */
  isToken(candidate: string): boolean
  /** A page elsewhere that resolves its own name to 127.0.0.1 shows here by its Host. */
  isHost(request: IncomingMessage): boolean
  /** A page elsewhere that opens a socket to this server shows here by its Origin. */
  isOrigin(request: IncomingMessage): boolean
}

/**
 * @param port the port that clients name
 * @param extraHosts further `name:port` that a tunnel or proxy presents
 */
export function createAccess(
  port: number,
  extraHosts: readonly string[] = [],
  token: string = randomBytes(32).toString('base64url')
): Access {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, ...extraHosts])
  const origins = new Set([...hosts].map(host => `http://${host}`))
  const expected = digest(token)
  return {
    token,
    isToken: candidate => timingSafeEqual(digest(candidate), expected),
    isHost: request => request.headers.host !== undefined && hosts.has(request.headers.host),
    isOrigin: request => request.headers.origin !== undefined && origins.has(request.headers.origin)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
