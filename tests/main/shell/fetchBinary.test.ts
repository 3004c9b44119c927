import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { electronBinary, hasDisplay } from '../../../src-main/shell/binary.ts'
import { fetchBinary } from '../../../src-main/shell/fetchBinary.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An installer of our own in place of Electron's. */
function installer(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-installer-'))
  folders.push(folder)
  const file = join(folder, 'install.cjs')
  writeFileSync(file, `const fs = require('fs'), os = require('os'), path = require('path')\n${source}`)
  return file
}

const run = (source: string, more: Partial<Parameters<typeof fetchBinary>[0]> = {}) => {
  const seen: number[] = []
  const result = fetchBinary({
    installer: installer(source),
    progress: bytes => seen.push(bytes),
    signal: new AbortController().signal,
    ...more
  })
  return { result, seen }
}

const download = `const file = path.join(os.tmpdir(), 'electron.zip.part')\nconst write = n => fs.appendFileSync(file, Buffer.alloc(n))\n`

describe('fetching the window binary', () => {
  it('reports growing progress and success, and leaves no temporary files', async () => {
    const source = `${download}
      fs.writeFileSync(path.join(__dirname, 'where'), os.tmpdir())
      let n = 0
      const timer = setInterval(() => { write(1000); if (++n === 8) { clearInterval(timer) } }, 100)`
    const { result, seen } = run(source)
    expect(await result).toBeNull()
    expect(seen.at(-1)).toBeGreaterThan(0)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(existsSync(readFileSync(join(folders[0], 'where'), 'utf8'))).toBe(false)
  })

  it('gives up when no byte arrives in time', async () => {
    const { result } = run('setInterval(() => {}, 1000)', { connectTimeoutMs: 600 })
    expect(await result).toBe('no connection within 0.6 s')
  })

  it('gives up when the bytes stand still', async () => {
    const { result } = run(`${download}write(10)\nsetInterval(() => {}, 1000)`, {
      connectTimeoutMs: 60_000,
      stallTimeoutMs: 600
    })
    expect(await result).toBe('nothing received for 0.6 s')
  })

  it('says what the installer said when it fails', async () => {
    const { result } = run(`console.error('TypeError: fetch failed\\n    at somewhere'); process.exit(1)`)
    expect(await result).toBe('TypeError: fetch failed')
  })

  it('stops when it is cancelled', async () => {
    const controller = new AbortController()
    const { result } = run('setInterval(() => {}, 1000)', {
      signal: controller.signal,
      progress: () => controller.abort()
    })
    expect(await result).toBe('cancelled')
  })
})

describe('window', () => {
  it('is known to be missing until the binary exists', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stitchwork-electron-'))
    folders.push(folder)
    expect(electronBinary(folder)).toBeNull()
    writeFileSync(join(folder, 'path.txt'), 'electron')
    expect(electronBinary(folder)).toBeNull()
  })

  it('needs a display server on Linux only', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
    expect(hasDisplay({}, 'win32')).toBe(true)
  })
})
