import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { entryFile, packageRoot } from '../../../src-main/base/entries.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ChildHandle } from '../../../src-main/base/processHost.ts'

const fixtures = join(packageRoot, 'tests/support/processes')
const host = nodeProcessHost(() => join(fixtures, 'echo.ts'))
const children: ChildHandle[] = []
const start = (options?: Parameters<typeof host.start>[1]) => {
  const child = host.start('trainer', options)
  children.push(child)
  return child
}
const exitOf = (child: ChildHandle) =>
  new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.onExit((code, signal) => resolve({ code, signal }))
  )

afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

/** The next `count` messages of a child. */
const messages = (child: ChildHandle, count: number) =>
  new Promise<unknown[]>(resolve => {
    const seen: unknown[] = []
    child.onMessage(message => {
      seen.push(message)
      if (seen.length === count) resolve(seen)
    })
  })

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('node process host', () => {
  it('carries typed arrays and non-finite numbers unchanged, and passes the environment', async () => {
    const child = start({ environment: { STITCHWORK_TEST: 'threads=1' } })
    const values = new Float64Array([1.5, NaN, Infinity, -0])
    child.send({ values })
    child.send('environment')
    const [ready, echo, environment] = await messages(child, 3)
    expect(ready).toBe('ready')
    expect(Object.is((echo as { values: Float64Array }).values[3], -0)).toBe(true)
    expect(echo).toEqual({ values })
    expect(environment).toBe('threads=1')
  })

  it('reports the exit code, once, also to a late listener', async () => {
    const child = start()
    child.send('exit')
    expect(await exitOf(child)).toEqual({ code: 7, signal: null })
    expect(await exitOf(child)).toEqual({ code: 7, signal: null })
    child.send('to nobody')
  })

  it('kills a child that never yields', async () => {
    const child = start()
    child.send('hang')
    await messages(child, 2)
    child.kill()
    expect(await exitOf(child)).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('delivers everything that a child flushed before it exits', async () => {
    const child = start()
    const all = messages(child, 201)
    child.send('flush')
    const blocks = (await all).slice(1) as Float64Array[]
    expect(blocks.map(block => block[9_999])).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(await exitOf(child)).toEqual({ code: 0, signal: null })
  })

  it('passes on what a child prints before it reports the end, but not the noise of native libraries', async () => {
    const written: string[] = []
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
    onTestFinished(() => spy.mockRestore())
    const child = start()
    child.send('complain')
    expect((await exitOf(child)).code).toBe(7)
    expect(written.join('')).toBe('the driver is too old\nlast words\n')
  })

  it('leaves no child behind when the parent is killed', async () => {
    const parent = spawn(process.execPath, [join(fixtures, 'parent.ts')], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line.toString())
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    while (isAlive(pid)) await new Promise(resolve => setTimeout(resolve, 10))
  })
})

describe('entries', () => {
  it('finds the package and refuses an entry without a file', () => {
    expect(packageRoot).toBe(join(import.meta.dirname, '../../..'))
    expect(entryFile('trainer')).toBe(join(packageRoot, 'src-main/training/trainer.ts'))
    expect(() => entryFile('trainer', fixtures)).toThrow('the entry trainer is missing')
  })
})
