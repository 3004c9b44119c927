import { describe, expect, it } from 'vitest'
import { memoryPorts } from '../../../src-main/api/ports/memory.ts'
import { createRouter } from '../../../src-main/api/router.ts'
import { createClient } from '../../../src-preload/contract/client.ts'
import type { Port } from '../../../src-preload/contract/frames.ts'
import { keepingLog, sample, sampleHandlers, until } from './contractSuite.ts'

/** A host-side port whose buffer the test sets and whose sent frames it reads. */
function scriptedPort() {
  const listeners: ((frame: string) => void)[] = []
  const closeListeners: (() => void)[] = []
  const state = { sent: [] as string[], buffered: 0, closed: false }
  const flow: string[] = []
  const port: Port = {
    send: frame => state.sent.push(frame),
    onFrame: listener => listeners.push(listener),
    onClose: listener => closeListeners.push(listener),
    buffered: () => state.buffered,
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
    close: () => {
      state.closed = true
      for (const listener of closeListeners) listener()
    }
  }
  return { port, state, flow, receive: (frame: string) => listeners.forEach(listener => listener(frame)) }
}

function serveScripted() {
  const { handlers, seen } = sampleHandlers()
  const log = keepingLog()
  const scripted = scriptedPort()
  createRouter(sample, handlers, { log, checkResults: true }).serve(scripted.port)
  const request = (id: number, method: string, params: unknown = {}) =>
    scripted.receive(JSON.stringify({ v: 1, id, method, params }))
  return { ...scripted, seen, log, request }
}

describe('router', () => {
  it('refuses to start when a handler is missing', () => {
    const { handlers } = sampleHandlers()
    const { add: _, ...rest } = handlers.numbers
    expect(() =>
      createRouter(sample, { numbers: rest } as unknown as typeof handlers, {
        log: keepingLog(),
        checkResults: true
      })
    ).toThrow('numbers.add has no handler')
  })

  it.each([
    ['text that is not JSON', 'hello'],
    ['a frame of another version', JSON.stringify({ v: 2, id: 1, method: 'numbers.add', params: {} })],
    ['an unknown key', JSON.stringify({ v: 1, id: 1, method: 'numbers.add', params: {}, extra: 1 })],
    ['a negative id', JSON.stringify({ v: 1, id: -1, method: 'numbers.add', params: {} })],
    ['null', 'null'],
    ['an array', '[]'],
    [
      'a frame of more than 1 MB',
      JSON.stringify({ v: 1, id: 1, method: 'numbers.add', params: 'x'.repeat(1024 * 1024) })
    ],
    [
      '1 MB of bytes in fewer characters',
      JSON.stringify({ v: 1, id: 1, method: 'x', params: 'ü'.repeat(600_000) })
    ]
  ])('closes a client that sends %s', async (_name, frame) => {
    const { state, receive, log } = serveScripted()
    receive(frame)
    await until(() => state.closed)
    expect(state.sent).toEqual([])
    expect(log.lines).toHaveLength(1)
  })

  it('closes a client that reuses the id of an open request', async () => {
    const { state, request } = serveScripted()
    request(1, 'numbers.silent')
    request(1, 'numbers.add', { a: 1 })
    await until(() => state.closed)
  })

  it('does not produce for a client that does not read, and goes on when it does', async () => {
    const { state, request, seen } = serveScripted()
    state.buffered = 2 * 1024 * 1024
    request(1, 'numbers.forever')
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(seen.produced).toBe(0)
    state.buffered = 0
    await until(() => state.sent.length > 10)
    state.buffered = 2 * 1024 * 1024
    await until(() => seen.produced >= state.sent.length)
    const produced = seen.produced
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(seen.produced).toBeLessThanOrEqual(produced + 1)
  })

  it('refuses requests beyond the limit of open ones without losing the others', async () => {
    const { state, request } = serveScripted()
    for (let id = 0; id < 1000; id++) request(id, 'numbers.silent')
    request(1000, 'numbers.add', { a: 1 })
    await until(() => state.sent.length > 0)
    expect(JSON.parse(state.sent[0])).toMatchObject({ id: 1000, error: { code: 'conflict' } })
    request(1, 'numbers.silent')
    await until(() => state.closed)
  })

  it('takes turns with everybody else while a client floods it, and loses nothing', async () => {
    const { state, request, flow } = serveScripted()
    let turnsOfOthers = 0
    const others = setInterval(() => turnsOfOthers++)
    for (let id = 0; id < 19_000; id++) request(id, 'numbers.add', { a: id })
    expect(flow).toEqual(['pause'])
    await until(() => state.sent.length === 19_000)
    clearInterval(others)
    expect(flow).toEqual(['pause', 'resume'])
    expect(turnsOfOthers).toBeGreaterThan(1)
    expect(JSON.parse(state.sent[18_999])).toEqual({ id: 18_999, result: 19_009 })
  })

  it('closes a client that goes on sending where it cannot be paused', async () => {
    const { state, request } = serveScripted()
    for (let id = 0; id <= 20_000; id++) request(id, 'numbers.add', { a: id })
    expect(state.closed).toBe(true)
  })

  it('sends nothing after a stop, not even the end', async () => {
    const { state, request, receive, seen } = serveScripted()
    request(1, 'numbers.forever')
    await until(() => state.sent.length > 2)
    receive(JSON.stringify({ v: 1, id: 1, stop: true }))
    await until(() => seen.ended.length === 1)
    const sent = state.sent.length
    request(2, 'numbers.add', { a: 1 })
    await until(() => state.sent.length > sent)
    expect(state.sent.slice(sent).map(frame => (JSON.parse(frame) as { id: number }).id)).toEqual([2])
  })

  it('skips the check of results in production', async () => {
    const { handlers } = sampleHandlers()
    const [page, host] = memoryPorts()
    createRouter(sample, handlers, { log: keepingLog(), checkResults: false }).serve(host)
    expect(await createClient(sample, page).numbers.wrongResult({})).toBe('seven')
  })
})

describe('client', () => {
  it('opens a new port for the first request after a lost one', async () => {
    const { handlers } = sampleHandlers()
    const router = createRouter(sample, handlers, { log: keepingLog(), checkResults: true })
    const pages: Port[] = []
    const client = createClient(sample, () => {
      const [page, host] = memoryPorts()
      router.serve(host)
      pages.push(page)
      return page
    })
    expect(pages).toHaveLength(0)
    expect(await client.numbers.add({ a: 1, b: 1 })).toBe(2)
    expect(await client.numbers.add({ a: 1, b: 2 })).toBe(3)
    expect(pages).toHaveLength(1)
    pages[0].close()
    expect(await client.numbers.add({ a: 1, b: 3 })).toBe(4)
    expect(pages).toHaveLength(2)
  })
})
