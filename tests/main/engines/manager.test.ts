import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { EngineProgress } from '../../../src-preload/contract/engines.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ChildHandle } from '../../../src-main/base/processHost.ts'
import { withEnginesLock } from '../../../src-main/engines/folders.ts'
import { installTensorflow } from '../../../src-main/engines/install.ts'
import { createEngineManager, type ManagerOptions } from '../../../src-main/engines/manager.ts'
import { fakeIndex } from './fakeIndex.ts'
import { fakeTensorflow, wheelBytes, wheelName, writeWheel } from './fakeWheel.ts'
import {
  countedWaits,
  elsewhere,
  fakeCompiler,
  problemOf,
  setVariable,
  temporaryFolder,
  where
} from './support.ts'

function manager(changes: Partial<ManagerOptions> = {}) {
  const folder = changes.folder ?? join(temporaryFolder(), 'engines')
  let changed = 0
  const processes = nodeProcessHost()
  const children: ChildHandle[] = []
  const made = createEngineManager({
    processes: {
      start(...asked) {
        const child = processes.start(...asked)
        children.push(child)
        return child
      }
    },
    folder,
    changed: () => void changed++,
    usedBy: () => [],
    ...changes
  })
  onTestFinished(() => made.close())
  return { folder, manager: made, changes: () => changed, children }
}

const job = { gpu: false, wheels: [], index: null, keep: false }

/** A proxy that answers every wish to connect with a refusal. */
async function fakeProxy(answer: () => string) {
  const asked: string[] = []
  const server = createServer()
  server.on('connect', ({ url }, socket) => {
    asked.push(url ?? '')
    socket.end(`HTTP/1.1 ${answer()}\r\n\r\n`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The first state that fits. */
async function reached(
  of: { progress(signal: AbortSignal): AsyncIterable<EngineProgress> },
  fits: (progress: EngineProgress) => boolean
): Promise<EngineProgress> {
  const controller = new AbortController()
  try {
    for await (const item of of.progress(controller.signal)) if (fits(item)) return item
  } finally {
    controller.abort()
  }
  throw new Error('the progress ended')
}

describe.skipIf(elsewhere)(`an install in its own process${where}`, () => {
  it('killed in the middle of a download goes on from there', async () => {
    fakeCompiler()
    const wheel = fakeTensorflow()
    const data = wheelBytes(wheel)
    const index = await fakeIndex([{ project: wheel.name, filename: wheelName(wheel), data }])
    index.interrupt = (request, response) => {
      if (!request.url?.startsWith('/files/')) return false
      response.writeHead(200, { 'content-length': data.length })
      response.write(data.subarray(0, 600)) // and then nothing, for as long as anybody waits
      return true
    }
    const { folder, manager: engines, changes } = manager()
    const started = engines.install({ ...job, index: index.address })
    expect(started.state).toBe('downloading')
    expect(() => engines.install({ ...job })).toThrow(/is being installed already; wait or cancel it/)
    expect(await problemOf(engines.remove('tensorflow'))).toMatch(/is being installed; cancel that first/)
    const part = join(folder, 'downloads', `${wheelName(wheel)}.part`)
    await reached(engines, ({ doneBytes }) => doneBytes > 0)
    engines.cancel()
    await expect.poll(changes).toBe(1)
    expect((await reached(engines, () => true)).state).toBe('cancelled')
    expect(readdirSync(folder)).toEqual(['downloads'])
    expect(statSync(part).size).toBe(600)

    index.interrupt = () => false
    const parts = { wait: countedWaits().wait, verify: async () => undefined }
    await installTensorflow({ ...job, folder, index: index.address }, () => undefined, parts)
    expect(index.requests.at(-1)).toMatch(/bytes=600-$/)
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(await engines.installed('tensorflow')).toMatchObject({ version: '2.21.0', gpu: false })
  })

  it('cancelled while it builds ends the compiler and deletes what was unpacked', async () => {
    const { folder, manager: engines } = manager()
    const pids = join(temporaryFolder(), 'pids')
    // As a real compiler does, it waits for a program of its own.
    fakeCompiler(`sleep 600 & echo $! $$ > "${pids}.new"; mv "${pids}.new" "${pids}"; wait`)
    engines.install({ ...job, wheels: [writeWheel(temporaryFolder(), fakeTensorflow())] })
    await reached(engines, ({ state }) => state === 'building')
    await vi.waitUntil(() => existsSync(pids), { timeout: 20_000 })
    expect(readdirSync(folder).some(name => name.startsWith('tensorflow.partial-'))).toBe(true)
    engines.cancel()
    expect(() => engines.install({ ...job })).toThrow(/is being installed already/)
    const end = await reached(engines, ({ state }) => state === 'cancelled')
    expect(end).toMatchObject({ text: 'cancelled; what was downloaded is kept', error: null })
    expect(readdirSync(folder)).toEqual([])
    const started = readFileSync(pids, 'utf8').trim().split(' ').map(Number)
    expect(started).toHaveLength(2)
    await vi.waitUntil(() => !started.some(runs), { timeout: 20_000 })
  })

  it('killed while it builds leaves nothing half-made, and says so', async () => {
    const { folder, manager: engines, changes, children } = manager()
    fakeCompiler('exec sleep 2')
    engines.install({ ...job, wheels: [writeWheel(temporaryFolder(), fakeTensorflow())] })
    await reached(engines, ({ state }) => state === 'building')
    children[0].kill()
    const end = await reached(engines, ({ state }) => state === 'failed')
    expect(end.error).toBe(
      'the installer ended without a word (SIGKILL); install again, it goes on where it stopped'
    )
    expect(readdirSync(folder)).toEqual([])
    expect(changes()).toBeGreaterThan(0)
  })

  it('goes through the proxy that the environment names, and says what that one refuses', async () => {
    fakeCompiler()
    const answers = ['407 Proxy Authentication Required', '403 Forbidden']
    const { address, asked } = await fakeProxy(() => answers.shift() ?? '500 none')
    for (const name of ['NO_PROXY', 'no_proxy']) setVariable(name, '')
    for (const name of ['HTTP_PROXY', 'http_proxy']) setVariable(name, `http://me:secret@${address}`)
    const { manager: engines } = manager()
    const errors: string[] = []
    for (const state of ['first', 'second']) {
      engines.install({ ...job, index: `http://${state}.invalid/simple` })
      errors.push((await reached(engines, ({ state }) => state === 'failed')).error ?? '')
    }
    expect(asked).toEqual(['first.invalid:80', 'second.invalid:80'])
    expect(errors[0]).toBe(
      `the proxy ${address} asks for a name and password (407); put them into its address in HTTPS_PROXY and start again`
    )
    expect(errors[1]).toMatch(/^the proxy .* does not connect to second\.invalid \(403\); name another index/)
    expect(errors.join()).not.toContain('secret')
  })

  it('says why it failed: these libraries are none', async () => {
    fakeCompiler()
    const { folder, manager: engines, changes } = manager()
    engines.install({ ...job, wheels: [writeWheel(temporaryFolder(), fakeTensorflow())] })
    const end = await reached(engines, ({ state }) => state === 'failed' || state === 'done')
    expect(end.error).toMatch(
      /^the built engine does not serve: it does not load \(.*\); install it again with: stitchwork engines install tensorflow, or from another wheel$/
    )
    expect(changes()).toBe(1)
    expect(readdirSync(folder).filter(name => name !== 'build.log')).toEqual([])
  })
})

describe('an install whose process cannot start', () => {
  it('does not say that it is starting', async () => {
    const processes: ManagerOptions['processes'] = {
      start: () => {
        throw new Error('no more processes')
      }
    }
    const { manager: engines } = manager({ processes })
    for (let attempt = 0; attempt < 2; attempt++)
      expect(() => engines.install({ ...job })).toThrow('no more processes')
    expect(await reached(engines, () => true)).toMatchObject({ state: 'idle', text: '' })
  })
})

describe('a host that starts', () => {
  const leftover = (folder: string): string => {
    const half = join(folder, 'tensorflow.partial-1/tensorflow/lib')
    mkdirSync(half, { recursive: true })
    return half
  }

  it('deletes the half-made engine of one that was killed, and keeps downloads', async () => {
    const folder = temporaryFolder()
    leftover(folder)
    mkdirSync(join(folder, 'downloads'))
    const { changes } = manager({ folder })
    await vi.waitUntil(() => changes() > 0)
    expect(readdirSync(folder)).toEqual(['downloads'])
  })

  it('leaves alone what another process is making', async () => {
    const folder = temporaryFolder()
    await withEnginesLock(folder, async () => {
      const half = leftover(folder)
      const { manager: engines, changes } = manager({ folder })
      expect(await problemOf(engines.remove('tensorflow'))).toMatch(/is installing or removing an engine/)
      expect(existsSync(half)).toBe(true)
      expect(changes()).toBe(0)
    })
  })
})

describe('removing an engine', () => {
  it('takes its folder away, and there is nothing to remove afterwards', async () => {
    const { folder, manager: engines, changes } = manager()
    mkdirSync(join(folder, 'tensorflow/lib'), { recursive: true })
    writeFileSync(join(folder, 'tensorflow/engine.json'), '{}')
    await engines.remove('tensorflow')
    expect(readdirSync(folder)).toEqual([])
    expect(changes()).toBe(1)
    expect(await problemOf(engines.remove('tensorflow'))).toMatch(
      /is not installed; there is nothing to remove/
    )
  })

  it('does not bring back what a killed removal left', async () => {
    const { folder, manager: engines } = manager()
    for (const name of ['tensorflow', 'tensorflow.old-1']) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, 'engine.json'), '{}')
    }
    await engines.remove('tensorflow')
    expect(readdirSync(folder)).toEqual([])
  })

  it('waits until no run trains with it', async () => {
    const { folder, manager: engines } = manager({ usedBy: () => ['IQL, hopper'] })
    mkdirSync(join(folder, 'tensorflow'), { recursive: true })
    expect(await problemOf(engines.remove('tensorflow'))).toBe(
      '1 run trains with tensorflow (IQL, hopper); pause or stop it, then remove the engine'
    )
    expect(existsSync(join(folder, 'tensorflow'))).toBe(true)
  })
})
