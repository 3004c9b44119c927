import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as NodeSocket } from 'ws'
import { createRouter, type Router } from '../../../src-main/api/router.ts'
import type { Log } from '../../../src-main/base/log.ts'
import { startServe, type PageHost, type ServeOptions } from '../../../src-main/serve/index.ts'
import { createClient } from '../../../src-preload/contract/client.ts'
import { webSocketPort } from '../../../src-preload/contract/webSocketPort.ts'
import { makePage, traversals } from '../../support/pageFixture.ts'
import { describePort, keepingLog, sample, sampleHandlers } from '../api/contractSuite.ts'

const page = makePage()
afterAll(() => page.remove())

const serve = (router: Router, log: Log, options: Partial<ServeOptions> = {}) =>
  startServe({ router, log, pageFolder: page.folder, port: 0, ...options })

/** A page's socket: what a browser would send, with chosen headers. */
const socketTo = (host: PageHost, headers: Record<string, string> = {}, path = '/contract') =>
  new NodeSocket(`ws://127.0.0.1:${host.port}${path}`, {
    headers: { origin: `http://127.0.0.1:${host.port}`, ...headers }
  })

const portTo = (host: PageHost, token = host.token, onRefused?: () => void) =>
  webSocketPort('', token, { socket: socketTo(host) as unknown as WebSocket, onRefused })

describePort('a loopback WebSocket', async (router, log) => {
  const host = await serve(router, log)
  return { port: portTo(host), close: () => host.close() }
})

describe('serve', () => {
  let host: PageHost
  const log = keepingLog()
  beforeAll(async () => {
    const sampled = sampleHandlers()
    host = await serve(createRouter(sample, sampled.handlers, { log, checkResults: true }), log)
  })
  afterAll(() => host.close())
  const open: { terminate?(): void; destroy?(): void }[] = []
  afterEach(() => {
    for (const one of open.splice(0)) (one.terminate ?? one.destroy)?.call(one)
  })

  /** Sends raw bytes and reads until the server closes. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write(text))
      open.push(socket)
      let answer = ''
      socket.on('data', (data: Buffer) => (answer += data.toString('latin1')))
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
    })
  }
  const get = (target: string, headers: Record<string, string> = {}) => {
    const all = { host: `127.0.0.1:${host.port}`, connection: 'close', ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return raw(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
  }
  const status = (answer: string) => Number(answer.slice(9, 12))
  const accepted = (socket: NodeSocket) =>
    new Promise<boolean>(resolve => {
      open.push(socket)
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
    })

  it('serves the page with its security headers', async () => {
    const answer = await get('/')
    expect(status(answer)).toBe(200)
    expect(answer).toContain('<title>page</title>')
    for (const header of [
      "content-security-policy: default-src 'none'; script-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'x-content-type-options: nosniff',
      'referrer-policy: no-referrer'
    ])
      expect(answer).toContain(header)
    expect(await get('/assets/page-1.js')).toMatch(/text\/javascript.*document\.title/s)
  })

  it(`refuses ${traversals().length} ways out of the page's folder`, async () => {
    expect(traversals().length).toBeGreaterThanOrEqual(500)
    for (const target of traversals()) {
      const answer = await get(target.replaceAll(' ', '%20'))
      expect(status(answer), target).toBeGreaterThanOrEqual(400)
      expect(answer).not.toContain('secret')
    }
  })

  it.each([
    ['another name', 'attacker.example'],
    ['another name with the port', 'attacker.example:PORT'],
    ['a name that starts like ours', '127.0.0.1.example:PORT'],
    ['no port', '127.0.0.1'],
    ['another port', '127.0.0.1:1'],
    ['0.0.0.0', '0.0.0.0:PORT'],
    ['IPv6 loopback', '[::1]:PORT'],
    ['a decimal address', '2130706433:PORT'],
    ['another loopback address', '127.0.0.2:PORT']
  ])('refuses a Host with %s', async (_name, value) => {
    const hostHeader = value.replace('PORT', String(host.port))
    expect(status(await get('/', { host: hostHeader }))).toBe(403)
    expect(await accepted(socketTo(host, { host: hostHeader }))).toBe(false)
  })

  it.each([
    ['of another site', 'http://attacker.example'],
    ['null', 'null'],
    ['with another scheme', 'https://127.0.0.1:PORT'],
    ['of another local server', 'http://127.0.0.1:1'],
    ['that starts like ours', 'http://127.0.0.1:PORT.attacker.example'],
    ['that is empty', '']
  ])('refuses an Origin %s', async (_name, value) => {
    const origin = value.replace('PORT', String(host.port))
    expect(status(await get('/', { origin }))).toBe(403)
    expect(await accepted(socketTo(host, { origin }))).toBe(false)
  })

  it('refuses a socket without an Origin, and one with the token in its address', async () => {
    const bare = new NodeSocket(`ws://127.0.0.1:${host.port}/contract`)
    expect(await accepted(bare)).toBe(false)
    expect(await accepted(socketTo(host, {}, `/contract?token=${host.token}`))).toBe(false)
    expect(status(await get(`/?token=${host.token}`))).toBe(403)
  })

  it('accepts localhost as its name', async () => {
    const name = `localhost:${host.port}`
    expect(await accepted(socketTo(host, { host: name, origin: `http://${name}` }))).toBe(true)
  })

  it('gives nothing to a wrong token, and says so to the page', async () => {
    const near = host.token.slice(0, -1) + (host.token.endsWith('A') ? 'B' : 'A')
    for (const token of ['', 'x', host.token.slice(0, -1), host.token + 'x', near]) {
      const refused = await new Promise<string>(resolve => {
        const port = portTo(host, token, () => resolve('refused'))
        createClient(sample, port)
          .numbers.add({ a: 1 })
          .then(
            () => resolve('answered'),
            () => undefined
          )
      })
      expect(refused).toBe('refused')
    }
  })

  it('closes only the client that sends too much, bad text or bytes', async () => {
    const good = createClient(sample, portTo(host))
    expect(await good.numbers.add({ a: 1, b: 1 })).toBe(2)
    for (const [code, message] of [
      [1009, 'x'.repeat(1024 * 1024 + 1)],
      [1008, 'not a frame'],
      [1003, Buffer.from([1, 2, 3])]
    ] as const) {
      const socket = socketTo(host)
      open.push(socket)
      await new Promise(resolve => socket.once('open', resolve))
      socket.send(host.token)
      socket.send(message)
      expect(await new Promise(resolve => socket.once('close', resolve))).toBe(code)
    }
    expect(await good.numbers.add({ a: 2, b: 2 })).toBe(4)
  })

  it('drops a client that asks for much and never reads, and goes on serving others', async () => {
    const socket = socketTo(host)
    open.push(socket)
    await new Promise(resolve => socket.once('open', resolve))
    socket.send(host.token)
    socket.send(JSON.stringify({ v: 1, id: 1, method: 'numbers.add', params: { a: 1 } }))
    await new Promise(resolve => socket.once('message', resolve))
    socket.pause()
    for (let id = 2; id < 400; id++)
      socket.send(JSON.stringify({ v: 1, id, method: 'numbers.huge', params: { characters: 500_000 } }))
    expect(await createClient(sample, portTo(host)).numbers.add({ a: 1, b: 2 })).toBe(3)
    socket.resume()
    await new Promise(resolve => socket.once('close', resolve))
  })

  it('closes sockets that say nothing or drip their header', async () => {
    const silent = new Promise<Socket>(resolve => {
      const socket: Socket = connect(host.port, '127.0.0.1')
      open.push(socket)
      socket.on('close', () => resolve(socket))
    })
    const dripping = raw('GET / HTTP/1.1\r\nHost: ')
    await Promise.all([silent, dripping])
  })

  it.skipIf(process.platform !== 'linux')(
    'listens on the loopback interface only (linux: /proc/net/tcp)',
    () => {
      const hex = host.port.toString(16).toUpperCase().padStart(4, '0')
      const listening = ['/proc/net/tcp', '/proc/net/tcp6']
        .flatMap(file => readFileSync(file, 'utf8').split('\n'))
        .map(line => line.trim().split(/\s+/))
        .filter(columns => columns[1]?.endsWith(`:${hex}`) && columns[3] === '0A')
        .map(columns => columns[1])
      expect(listening).toEqual([`0100007F:${hex}`])
    }
  )

  it('takes another port when the usual one is taken, and refuses a chosen one that is', async () => {
    const router = createRouter(sample, sampleHandlers().handlers, { log, checkResults: true })
    const usual = await serve(router, log, { port: null })
    const other = await serve(router, log, { port: null })
    expect(other.port).not.toBe(usual.port)
    await expect(serve(router, log, { port: other.port })).rejects.toMatchObject({ code: 'io-error' })
    await Promise.all([usual.close(), other.close()])
  })

  it('draws a new token at each start and keeps it in the fragment', async () => {
    const router = createRouter(sample, sampleHandlers().handlers, { log, checkResults: true })
    const other = await serve(router, log)
    expect(other.token).not.toBe(host.token)
    expect(Buffer.from(other.token, 'base64url')).toHaveLength(32)
    expect(new URL(other.address).hash).toBe(`#token=${other.token}`)
    await other.close()
  })
})
