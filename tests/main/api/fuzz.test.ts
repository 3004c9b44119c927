import fc from 'fast-check'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryPorts } from '../../../src-main/api/ports/memory.ts'
import type { ProcessHost } from '../../../src-main/base/processHost.ts'
import { openHost, type Host } from '../../../src-main/host.ts'
import { contract } from '../../../src-preload/contract/index.ts'
import { maxFrameBytes, type Port } from '../../../src-preload/contract/frames.ts'
import { keepingLog } from './contractSuite.ts'

const root = mkdtempSync(join(tmpdir(), 'stitchwork-fuzz-'))
const log = keepingLog()
const started: string[] = []
/** Starts nothing: a child that ends at once. */
const processes: ProcessHost = {
  start: entry => {
    started.push(entry)
    const exits: ((code: number | null, signal: string | null) => void)[] = []
    setImmediate(() => exits.forEach(exit => exit(1, null)))
    return {
      pid: undefined,
      send: () => undefined,
      onMessage: () => undefined,
      onExit: exit => exits.push(exit),
      kill: () => undefined
    }
  }
}

let host: Host
let port: Port
const waiting = new Map<number, (reply: { error?: { code: string; message: string } }) => void>()
let largest = 0
let nextId = 0

beforeAll(async () => {
  host = await openHost({ home: join(root, 'home'), kind: 'serve', processes, log, checkResults: true })
  const [page, theirs] = memoryPorts()
  host.router.serve(theirs)
  port = page
  port.onFrame(frame => {
    largest = Math.max(largest, Buffer.byteLength(frame))
    const reply = JSON.parse(frame) as { id: number; error?: { code: string; message: string } }
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
})
afterAll(async () => {
  await host.close()
  rmSync(root, { recursive: true, force: true })
})

/** The first reply to a request; a stream is stopped after it. */
function ask(
  method: string,
  params: unknown,
  isStream: boolean
): Promise<{ error?: { code: string; message: string } }> {
  const id = nextId++
  return new Promise(resolve => {
    waiting.set(id, resolve)
    port.send(JSON.stringify({ v: 1, id, method, params }))
    if (!isStream) return
    setTimeout(() => {
      port.send(JSON.stringify({ v: 1, id, stop: true }))
      resolve({})
    }, 5)
  })
}

const names = [
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\',
  '\u202e',
  '<img src=x onerror=alert(1)>',
  "'; DROP TABLE runs; --",
  '\0',
  '=cmd()',
  'NaN',
  'x'.repeat(5000)
]
const words = fc.oneof(fc.constantFrom(...names), fc.string(), fc.uuid())
const value: fc.Arbitrary<unknown> = fc.oneof(
  { depthSize: 'small' },
  words,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(words, { maxLength: 4 }),
  fc.dictionary(words, fc.jsonValue(), { maxKeys: 4 })
)

/** Parameters with the names that a method knows, and values of any kind. */
const paramsOf = (schema: unknown): fc.Arbitrary<unknown> => {
  const keys = Object.keys((schema as { shape?: object }).shape ?? {})
  return fc.oneof(
    fc.record(Object.fromEntries(keys.map(key => [key, value])), { requiredKeys: [] }),
    fc.jsonValue()
  )
}

describe('a page that asks for anything', () => {
  const methods = Object.entries(contract).flatMap(([group, entries]) =>
    Object.entries(entries).map(([name, entry]) => ({ name: `${group}.${name}`, entry }))
  )

  it.each(methods.map(method => [method.name, method] as const))(
    'gets an answer or a refusal from %s, and nothing else happens',
    async (name, { entry }) => {
      await fc.assert(
        fc.asyncProperty(paramsOf(entry.params), async params => {
          const { error } = await ask(name, params, entry.kind === 'stream')
          expect(error?.code, error?.message).not.toBe('internal')
        }),
        { numRuns: entry.kind === 'stream' ? 50 : 200, seed: 1 }
      )
    }
  )

  it('has started no process, written nothing beside the home folder, and got no frame above the limit', () => {
    expect(started).toEqual([])
    expect(readdirSync(root)).toEqual(['home'])
    expect(largest).toBeLessThanOrEqual(maxFrameBytes)
    expect(log.lines.filter(line => line.includes('failed'))).toEqual([])
  })
})
