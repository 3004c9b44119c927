import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSession } from '../../../src-main/cli/session.ts'
import { setVariable, temporaryFolder } from '../engines/support.ts'
import { apiFixture, take } from './support.ts'

const silent = { info: () => undefined, warning: () => undefined, error: () => undefined }

/** What an install leaves, as far as describing it looks. */
function pretendInstalled(folder: string): void {
  const lib = join(folder, 'tensorflow/lib')
  mkdirSync(lib, { recursive: true })
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'tfjs_binding.node'])
    writeFileSync(join(lib, name), '')
  const record = {
    ...{ format: 1, package: 'tensorflow-cpu', version: '2.21.0', gpu: false, binding: '4.22.0' },
    ...{ compiler: 'g++', sizeBytes: 5, installedAt: '2026-01-02T03:04:05.000Z', verified: true }
  }
  writeFileSync(join(folder, 'tensorflow/engine.json'), JSON.stringify(record))
}

describe('engines', () => {
  it('are listed with what is installed; nothing is being installed at first', async () => {
    const { client } = apiFixture()
    expect(await client.engines.list({})).toMatchObject([
      { id: 'eager', available: true, installable: false, installed: null }
    ])
    const [first] = await take(client.engines.progress({}), items => items.length === 1)
    expect(first).toMatchObject({ id: 'tensorflow', state: 'idle', error: null })
  })

  it('are not installed from files that were never shown, nor removed when they are not there', async () => {
    const { client } = apiFixture()
    await expect(
      client.engines.install({ id: 'tensorflow', wheels: ['/tmp/any.whl'] })
    ).rejects.toMatchObject({ code: 'not-found', message: expect.stringMatching(/list its folder again/) })
    await expect(client.engines.remove({ id: 'tensorflow' })).rejects.toMatchObject({ code: 'not-found' })
    expect(await client.engines.cancel({ id: 'tensorflow' })).toEqual({})
  })

  it('are measured on request; what was measured is listed', async () => {
    const { client } = apiFixture()
    const size = {
      ...{ algorithm: 'bc', hiddenSizes: [8], batchSize: 8, threads: 1 },
      ...{ observationSize: 4, actionSize: 4, actions: 'continuous' as const }
    }
    expect(await client.engines.measurements({})).toEqual([])
    const items = await take(client.engines.measure({ sizes: [size] }), all => all.at(-1)?.share === 1)
    expect(items.at(-1)?.measurement).toMatchObject({ size, fastest: 'eager', current: true })
    expect(await client.engines.measurements({})).toEqual([items.at(-1)?.measurement])
    const unknown = take(client.engines.measure({ sizes: [{ ...size, algorithm: 'sac' }] }), () => false)
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' })
  })

  it('that come and go are described anew', async () => {
    const folder = temporaryFolder()
    setVariable('STITCHWORK_ENGINES', folder)
    pretendInstalled(folder)
    const session = await openSession(join(folder, 'home'), silent)
    onTestFinished(() => session.close())
    const { client } = session
    const tensorflow = async () => (await client.engines.list({})).find(({ id }) => id === 'tensorflow')
    expect(await tensorflow()).toMatchObject({
      available: true,
      version: '2.21.0',
      installed: { version: '2.21.0', gpu: false, sizeBytes: 5, installedAt: Date.UTC(2026, 0, 2, 3, 4, 5) }
    })
    await client.engines.remove({ id: 'tensorflow' })
    expect(await tensorflow()).toMatchObject({ available: false, installed: null })
    expect((await client.app.info({})).engines.find(({ id }) => id === 'tensorflow')?.available).toBe(false)
  })
})
