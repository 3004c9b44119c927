import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Port } from '../../../src-preload/contract/frames.ts'
import { UserError } from '../../base/errors.ts'
import type { Router } from '../router.ts'
import { linesPort } from './lines.ts'

/** Longest path of a unix socket that every system takes (macOS: 104 bytes with its end mark). */
const maxSocketPath = 100

/**
 * Where the host of a home folder listens for this user's own programs: a socket in the folder; where its path is too
 * long, one in a folder of this user under the system's temporary folder; on Windows a named pipe.
 */
export function hostSocketPath(homeFolder: string, platform: NodeJS.Platform = process.platform): string {
  const root = resolve(homeFolder)
  const key = createHash('sha256').update(root).digest('hex').slice(0, 24)
  if (platform === 'win32') return `\\\\.\\pipe\\stitchwork-${key}`
  const path = join(root, 'host.sock')
  if (Buffer.byteLength(path) <= maxSocketPath) return path
  return join(tmpdir(), `stitchwork-${userInfo().uid}`, `${key}.sock`)
}

export interface HostSocket {
  /** Number of programs that are connected. */
  clients(): number
  close(): Promise<void>
}

/**
 * Serves a router on the host's socket, which only this user can open. The caller holds the home folder's lock, so a
 * socket that is already there was left by a dead process.
 * @throws UserError('forbidden') when the socket's folder belongs to somebody else
 */
export async function serveHostSocket(path: string, router: Router): Promise<HostSocket> {
  const isPipe = path.startsWith('\\\\')
  if (!isPipe) {
    prepareFolder(dirname(path))
    rmSync(path, { force: true })
  }
  const ports = new Set<Port>()
  const server = createServer(socket => {
    const port = linesPort(socket)
    ports.add(port)
    port.onClose(() => ports.delete(port))
    router.serve(port)
  })
  await listen(server, path)
  if (!isPipe) chmodSync(path, 0o600)
  return {
    clients: () => ports.size,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const port of ports) port.close()
      })
  }
}

/** A port to the host that listens at this path; null when none does. */
export function connectHostSocket(path: string): Promise<Port | null> {
  return new Promise(resolve => {
    const socket = connect(path)
    const absent = () => resolve(null) // ENOENT: never started; ECONNREFUSED: its process has died
    socket.once('error', absent)
    socket.once('connect', () => {
      socket.removeListener('error', absent)
      resolve(linesPort(socket))
    })
  })
}

function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!folder.startsWith(tmpdir())) return // the home folder; the socket's own mode keeps others out
  const status = lstatSync(folder)
  const uid = userInfo().uid
  if (!status.isDirectory() || (uid >= 0 && status.uid !== uid)) {
    throw new UserError(
      'forbidden',
      `${folder} belongs to another user, so the host's socket cannot be there`
    )
  }
  if ((status.mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const mask = process.platform === 'win32' ? null : process.umask(0o177)
    server.listen(path, () => {
      server.removeListener('error', reject)
      resolve()
    })
    if (mask !== null) process.umask(mask) // the socket file is made within listen()
  })
}
