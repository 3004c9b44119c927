import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EngineProgress } from '../../../src-preload/contract/engines.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { installTensorflow } from '../../../src-main/engines/install.ts'
import { createEngineManager, type ManagerOptions } from '../../../src-main/engines/manager.ts'
import { fakeIndex } from './fakeIndex.ts'
import { fakeTensorflow, wheelBytes, wheelName, writeWheel } from './fakeWheel.ts'
import { countedWaits, elsewhere, fakeCompiler, problemOf, temporaryFolder, where } from './support.ts'

function manager(changes: Partial<ManagerOptions> = {}) {
  const folder = join(temporaryFolder(), 'engines')
  let changed = 0
  const made = createEngineManager({
    processes: nodeProcessHost(),
    folder,
    changed: () => void changed++,
    usedBy: () => [],
    ...changes
  })
  onTestFinished(() => made.close())
  return { folder, manager: made, changes: () => changed }
}

const job = { gpu: false, wheels: [], index: null, keep: false }

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
    expect(existsSync(join(folder, 'tensorflow'))).toBe(false)
    expect(statSync(part).size).toBe(600)

    index.interrupt = () => false
    const parts = { wait: countedWaits().wait, verify: async () => undefined }
    await installTensorflow({ ...job, folder, index: index.address }, () => undefined, parts)
    expect(index.requests.at(-1)).toMatch(/bytes=600-$/)
    expect(readdirSync(folder)).toEqual(['tensorflow'])
    expect(await engines.installed('tensorflow')).toMatchObject({ version: '2.21.0', gpu: false })
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
      '1 runs train with tensorflow (IQL, hopper); pause or stop them, then remove it'
    )
    expect(existsSync(join(folder, 'tensorflow'))).toBe(true)
  })
})
