import { createServer, connect } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linesPort } from '../../../src-main/api/ports/lines.ts'
import { memoryPorts } from '../../../src-main/api/ports/memory.ts'
import { describePort } from './contractSuite.ts'

describePort('the in-memory port', async router => {
  const [page, host] = memoryPorts()
  router.serve(host)
  return { port: page, close: () => page.close() }
})

describePort('a unix socket', async router => {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-socket-'))
  const path = join(folder, 'host.sock')
  const server = createServer(socket => router.serve(linesPort(socket)))
  await new Promise<void>(resolve => server.listen(path, resolve))
  const port = linesPort(connect(path))
  return {
    port,
    close: async () => {
      port.close()
      await new Promise(resolve => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    }
  }
})
