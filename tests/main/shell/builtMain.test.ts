import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronBinary, hasDisplay } from '../../../src-main/shell/binary.ts'
import { homeAt } from '../../../src-main/store/home.ts'
import { openReadable } from '../../../src-main/store/open.ts'
import { listRuns } from '../../../src-main/store/runs.ts'
import { ensureBuilt, root } from '../../support/built.ts'

const run = promisify(execFile)
const support = join(root, 'tests/support/electron')
const homes: string[] = []
const makeHome = () => {
  const home = mkdtempSync(join(tmpdir(), 'stitchwork-desktop-'))
  homes.push(home)
  return home
}

beforeAll(ensureBuilt, 120_000)
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true })
})

/** Plays a scenario of the driver in a process that looks like Electron's. */
async function play<T>(scenario: string, home: string): Promise<T> {
  const { stdout } = await run(
    process.execPath,
    ['--import', join(support, 'register.ts'), join(support, 'driver.ts'), scenario, home],
    {
      cwd: root,
      timeout: 90_000
    }
  )
  return JSON.parse(stdout) as T
}

/** All built JavaScript of a folder under out/. */
function built(folder: string): { file: string; text: string }[] {
  const path = join(root, 'out', folder)
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.c?js$/.test(name))
    .map(name => ({ file: name, text: readFileSync(join(path, name), 'utf8') }))
}

const importsOf = (text: string) =>
  [...text.matchAll(/(?:^|[;\s}])(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g)].map(match => match[1])

describe('the build', () => {
  it('keeps every installed package outside of main, so that no native code is bundled', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >
    const known = Object.keys({
      ...manifest['dependencies'],
      ...manifest['optionalDependencies'],
      electron: ''
    })
    const packages = new Set<string>()
    for (const { file, text } of built('main')) {
      // Our own code names the file of TensorFlow's binding too; this is how its package does.
      expect(text, file).not.toMatch(
        /better_sqlite3\.node|onnxruntime_binding\.node|native addon module \(tfjs_binding/
      )
      for (const name of importsOf(text)) {
        if (name.startsWith('.') || isBuiltin(name)) continue
        packages.add(
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/')
        )
      }
    }
    expect([...packages].filter(name => !known.includes(name) && name !== '@tensorflow/tfjs')).toEqual([])
    for (const name of ['better-sqlite3', 'ws', 'zod', 'electron', '@mujoco/mujoco'])
      expect(packages).toContain(name)
  })

  it("finds MuJoCo's module from its chunk, and simulates", async () => {
    const chunk = built('main').find(({ text }) => text.includes('@mujoco/mujoco/mujoco.wasm'))
    // a copy of the package in ours would look for its binary beside itself
    expect(built('main').filter(({ text }) => text.includes('wasmBinaryFile'))).toEqual([])
    const program = `
      const parts = Object.values(await import(process.argv[1])).filter(part => typeof part === 'function')
      const byId = parts.find(part => part.name === 'environmentById')
      const hopper = byId('hopper-v4')
      await hopper.prepare()
      const state = new Float64Array(hopper.stateSize)
      hopper.robot.setState([0, 1.25, 0, 0, 0, 0], new Float64Array(6), state)
      for (let step = 0; step < 5; step++) hopper.step(state, Float32Array.of(0, 0, 0))
      process.stdout.write(String(state[1]))`
    const file = pathToFileURL(join(root, 'out/main', chunk?.file ?? '')).href
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, file])
    expect(Number(stdout)).toBeGreaterThan(1.2)
    expect(Number(stdout)).toBeLessThan(1.25)
  })

  it('loads electron from the desktop chunk only', () => {
    const withElectron = built('main').filter(({ text }) => importsOf(text).includes('electron'))
    expect(withElectron).toHaveLength(1)
    const entry = readFileSync(join(root, 'out/main/index.js'), 'utf8')
    expect(importsOf(entry).every(name => name.startsWith('./chunks/'))).toBe(true)
  })

  it('has one CommonJS preload that requires electron alone and holds no zod', () => {
    expect(built('preload').map(({ file }) => file)).toEqual(['index.cjs'])
    const { text } = built('preload')[0]
    expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(match => match[1])).toEqual(['electron'])
    expect(text.length).toBeLessThan(3000)
  })

  it('starts the page without the code of robots and films, which comes when one is shown', () => {
    const page = built('renderer')
    const html = readFileSync(join(root, 'out/renderer/index.html'), 'utf8')
    const start = new Set([...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map(match => match[1]))
    const entries = page.filter(({ file }) => start.has(file))
    for (const { text } of entries)
      for (const name of text.matchAll(/(?:^|[;\s}])(?:from|import)\s*["']\.\/([^"']+)["']/g))
        for (const next of page.filter(({ file }) => file.endsWith(`/${name[1]}`)))
          if (!entries.includes(next)) entries.push(next)
    expect(entries.length).toBeGreaterThan(0)
    const later = page.filter(chunk => !entries.includes(chunk))
    for (const mark of ['WebGLRenderer', 'GIF89a', 'V_VP9']) {
      expect(entries.filter(({ text }) => text.includes(mark)).map(({ file }) => file)).toEqual([])
      expect(later.filter(({ text }) => text.includes(mark)).length, mark).toBeGreaterThan(0)
    }
  })

  it('has a page without inline scripts, styles or addresses elsewhere', () => {
    const html = readFileSync(join(root, 'out/renderer/index.html'), 'utf8')
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon\w+=|https?:\/\//)
  })
})

describe('the built desktop host under a stand-in for Electron', () => {
  interface Window {
    preferences: Record<string, unknown>
    visible: boolean
    schemes: { scheme: string; privileges: Record<string, boolean> }[]
    sandboxEnabled: boolean
    userData: string
    navigation: boolean[]
    openWindow: unknown
    mediaGranted: boolean
    mediaChecked: boolean
    spoofedReplies: number
    traversalStatus: number
    onPage: string[]
    bridge: string[]
    info: { host: string; capabilities: unknown; engines: { id: string; available: boolean }[] }
  }

  it('opens a sandboxed window on its own scheme, denies the rest, and answers the page over IPC', async () => {
    const home = makeHome()
    const seen = await play<Window>('window', home)
    expect(seen.preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false
    })
    expect(existsSync(String(seen.preferences['preload']))).toBe(true)
    expect(seen).toMatchObject({
      visible: true,
      sandboxEnabled: true,
      userData: join(home, 'window'),
      navigation: [true, true, true, true],
      openWindow: { action: 'deny' },
      mediaGranted: false,
      mediaChecked: false,
      spoofedReplies: 0,
      onPage: ['stitchwork'],
      bridge: ['send', 'onFrame']
    })
    expect(seen.traversalStatus).toBeGreaterThanOrEqual(400)
    expect(seen.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }
    ])
    expect(seen.info).toMatchObject({
      host: 'desktop',
      capabilities: { nativeDialog: true, revealFile: true }
    })
    expect(seen.info.engines.some(engine => engine.available)).toBe(true)
  })

  it("hands files of the system's dialog to the page as handles without paths", async () => {
    const { dismissed, picked } = await play<{ dismissed: null; picked: object }>('pick', makeHome())
    expect(dismissed).toBeNull()
    expect(picked).toMatchObject({ name: 'package.json', kind: 'file' })
    expect(JSON.stringify(picked)).not.toContain(root)
  })

  it('asks about active runs: stays, trains on without a window, and quits with a checkpoint', async () => {
    const home = makeHome()
    const seen = await play<{
      stayed: boolean
      aliveInBackground: boolean
      states: string[]
      boxes: { buttons: string[]; message: string }[]
      exitCode: number
    }>('closing', home)
    expect(seen).toMatchObject({ stayed: true, aliveInBackground: true, exitCode: 0 })
    expect(seen.states).toContain('running')
    expect(seen.boxes).toHaveLength(3)
    expect(seen.boxes[0]).toMatchObject({
      message: '2 runs are still active.',
      buttons: ['Go on in the background', 'Checkpoint and quit', 'Cancel']
    })
    const db = openReadable(homeAt(home).database)
    const runs = listRuns(db)
    expect(
      runs.filter(one => one.progress.lastCheckpointStep !== null && one.progress.lastCheckpointStep > 0)
        .length
    ).toBeGreaterThanOrEqual(1)
    for (const one of runs) expect(['paused', 'interrupted', 'queued']).toContain(one.state)
  })

  it('ends without a question when nothing trains, and leaves the home folder free', async () => {
    const home = makeHome()
    expect(await play('quit', home)).toEqual({ boxes: 0, exitCode: 0 })
    expect(await play('quit', home)).toEqual({ boxes: 0, exitCode: 0 })
  })

  it('hands over to the first instance, and explains a home folder that another process holds', async () => {
    const home = makeHome()
    expect(await play('second', home)).toEqual({ windows: 0, exitCode: 0 })
    const holder = spawn(
      process.execPath,
      [join(root, 'out/main/index.js'), 'serve', '--port', '0', '--home', home],
      { stdio: ['ignore', 'pipe', 'ignore'] }
    )
    await new Promise(resolve => holder.stdout.once('data', resolve))
    const { errorBoxes, exitCode } = await play<{ errorBoxes: string[]; exitCode: number }>('locked', home)
    expect(exitCode).toBe(1)
    expect(errorBoxes[0]).toContain(`in use by process ${holder.pid}`)
    holder.kill('SIGTERM')
    await new Promise(resolve => holder.once('exit', resolve))
  })
})

const binary = electronBinary()
const reason = binary === null ? 'Electron has not been fetched' : hasDisplay() ? null : 'there is no display'

describe('the real Electron', () => {
  it.skipIf(reason !== null)(
    `SKIPPED${reason === null ? ' (no)' : `: ${reason}`} opens the window and answers the page`,
    async () => {
      const home = makeHome()
      const child = spawn(
        binary!,
        [root, '--home', home, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
        { stdio: 'inherit' }
      )
      const { joinHost } = await import('../../../src-main/cli/session.ts')
      let session = null
      while (session === null && child.exitCode === null) session = await joinHost(home)
      expect(await session?.client.local.page({})).toMatchObject({ host: 'desktop', address: null })
      await session?.close()
      child.kill('SIGTERM')
      await new Promise(resolve => child.once('exit', resolve))
    }
  )
})
