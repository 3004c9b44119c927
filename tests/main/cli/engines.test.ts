import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EngineEntry } from '../../../src-preload/contract/engines.ts'
import { packageRoot } from '../../../src-main/base/entries.ts'
import { exitCodes } from '../../../src-main/cli/exitCodes.ts'
import { fakeIndex } from '../engines/fakeIndex.ts'
import { fakeTensorflow, wheelBytes, wheelName } from '../engines/fakeWheel.ts'
import { elsewhere, fakeCompiler, temporaryFolder, where } from '../engines/support.ts'

/** Runs the command line as a person does, with an engines folder of its own. */
function stitchwork(
  folder: string,
  args: readonly string[],
  onNotes: (text: string, interrupt: () => void) => void = () => undefined
): Promise<{ code: number | null; out: string; notes: string }> {
  const child = spawn(process.execPath, ['src-main/index.ts', ...args, '--home', join(folder, 'home')], {
    cwd: packageRoot,
    env: { ...process.env, STITCHWORK_ENGINES: join(folder, 'engines') },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let out = ''
  let notes = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => {
    notes += data.toString()
    // As a terminal does it: to this process and all that it started.
    onNotes(notes, () => process.kill(-child.pid!, 'SIGINT'))
  })
  return new Promise(resolve => child.once('close', code => resolve({ code, out, notes })))
}

describe('stitchwork engines', () => {
  it('lists what can train here, and how the rest can be had', async () => {
    const folder = temporaryFolder()
    const { code, out } = await stitchwork(folder, ['engines', '--json'])
    expect(code).toBe(exitCodes.ok)
    const engines = JSON.parse(out) as EngineEntry[]
    expect(engines.find(({ id }) => id === 'eager')).toMatchObject({
      ...{ available: true, installable: false, installed: null }
    })
    const tensorflow = engines.find(({ id }) => id === 'tensorflow')
    expect(tensorflow).toMatchObject({ available: false, installable: !elsewhere, installed: null })
    expect(tensorflow?.reason).toMatch(/engines install tensorflow/)
    const table = await stitchwork(folder, ['engines', 'list'])
    expect(table.out).toMatch(/^tensorflow +- .*not usable$/m)
    expect(table.out).toContain(`tensorflow: ${tensorflow?.reason}`)
  })

  it('refuses to install or remove what is not that kind of engine, or not there', async () => {
    const folder = temporaryFolder()
    const unknown = await stitchwork(folder, ['engines', 'install', 'torch'])
    expect([unknown.code, unknown.notes]).toEqual([
      exitCodes.refused,
      "stitchwork: 'torch' is no engine that can be installed or removed; choose tensorflow\n"
    ])
    const absent = await stitchwork(folder, ['engines', 'remove', 'tensorflow'])
    expect(absent.code).toBe(exitCodes.refused)
    expect(absent.notes).toMatch(/is not installed; there is nothing to remove/)
  })
})

describe.skipIf(elsewhere)(`stitchwork engines install${where}`, () => {
  const wheel = fakeTensorflow()
  const data = wheelBytes(wheel)
  const release = { project: wheel.name, filename: wheelName(wheel), data }

  it('tells its steps, and ends with a sentence and a code when the engine does not run', async () => {
    fakeCompiler()
    const { address } = await fakeIndex([release])
    const args = ['engines', 'install', 'tensorflow', '--index', address]
    const { code, notes } = await stitchwork(temporaryFolder(), args)
    expect(code).toBe(exitCodes.refused)
    for (const part of ['asking 127.0.0.1', 'unpacking libtensorflow_cc.so.2 (', 'building the binding'])
      expect(notes.replace('http://', '')).toContain(part)
    expect(notes).toMatch(
      /^stitchwork: the built engine does not serve: it does not load .*invalid ELF header/m
    )
  })

  it('ends at Ctrl+C and keeps what came', async () => {
    fakeCompiler()
    const index = await fakeIndex([release])
    index.interrupt = (request, response) => {
      if (!request.url?.startsWith('/files/')) return false
      response.writeHead(200, { 'content-length': data.length })
      response.write(data.subarray(0, 500))
      return true
    }
    const folder = temporaryFolder()
    const args = ['engines', 'install', 'tensorflow', '--index', index.address]
    let interrupted = false
    const { code, notes } = await stitchwork(folder, args, (text, interrupt) => {
      if (interrupted || !text.includes(release.filename)) return
      interrupted = true
      interrupt()
    })
    expect(code).toBe(exitCodes.cancelled)
    expect(notes).toMatch(/cancelled\n$/)
    const part = join(folder, 'engines/downloads', `${release.filename}.part`)
    expect(readdirSync(join(folder, 'engines'))).not.toContain('tensorflow')
    expect(statSync(part).size).toBeLessThanOrEqual(500)
  })
})
