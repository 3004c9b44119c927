import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connectHostSocket, hostSocketPath, serveHostSocket } from '../../../src-main/api/ports/hostSocket.ts'
import { createRouter } from '../../../src-main/api/router.ts'
import { createClient } from '../../../src-preload/contract/client.ts'
import { keepingLog, sample, sampleHandlers } from './contractSuite.ts'

const folder = mkdtempSync(join(tmpdir(), 'stitchwork-home-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const router = () =>
  createRouter(sample, sampleHandlers().handlers, { log: keepingLog(), checkResults: true })

describe('host socket', () => {
  it('is found by its home folder, private to this user, and gone after closing', async () => {
    const path = hostSocketPath(folder)
    expect(await connectHostSocket(path)).toBeNull()
    const socket = await serveHostSocket(path, router())
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    const port = await connectHostSocket(path)
    expect(await createClient(sample, port!).numbers.add({ a: 20, b: 22 })).toBe(42)
    expect(socket.clients()).toBe(1)
    await socket.close()
    expect(await connectHostSocket(path)).toBeNull()
  })

  it.skipIf(process.platform === 'win32')(
    'replaces the socket of a process that died (unix only)',
    async () => {
      const path = hostSocketPath(folder)
      const dead = createServer()
      await new Promise<void>(resolve => dead.listen(path, resolve))
      const handle = (dead as unknown as { _handle: { close(): void } })._handle
      handle.close() // closes the descriptor without removing the file, as a kill does
      const socket = await serveHostSocket(path, router())
      const port = await connectHostSocket(path)
      expect(await createClient(sample, port!).numbers.add({ a: 1, b: 1 })).toBe(2)
      await socket.close()
    }
  )

  it('keeps socket paths short and pipes per folder', () => {
    const deep = join(folder, 'x'.repeat(120))
    expect(Buffer.byteLength(hostSocketPath(deep, 'linux'))).toBeLessThanOrEqual(100)
    expect(hostSocketPath(deep, 'linux')).not.toBe(hostSocketPath(deep + 'y', 'linux'))
    expect(hostSocketPath(folder, 'win32')).toMatch(/^\\\\\.\\pipe\\stitchwork-[0-9a-f]{24}$/)
  })
})
