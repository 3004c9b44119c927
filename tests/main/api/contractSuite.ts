import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRouter, type Router } from '../../../src-main/api/router.ts'
import { UserError } from '../../../src-main/base/errors.ts'
import type { Log } from '../../../src-main/base/log.ts'
import { createClient, ContractError } from '../../../src-preload/contract/client.ts'
import { call, stream, type CallContext, type Handlers } from '../../../src-preload/contract/define.ts'
import type { Port } from '../../../src-preload/contract/frames.ts'

/** A small contract with one method for each thing that can happen on the wire. */
export const sample = {
  numbers: {
    add: call(z.object({ a: z.number(), b: z.number().default(10) }), z.number()),
    refuse: call(z.object({}), z.number()),
    crash: call(z.object({}), z.number()),
    wrongResult: call(z.object({}), z.number()),
    huge: call(z.object({ characters: z.number() }), z.string()),
    count: stream(z.object({ to: z.number() }), z.number()),
    breakAfter: stream(z.object({ items: z.number() }), z.number()),
    forever: stream(z.object({}), z.number()),
    silent: stream(z.object({}), z.number())
  }
}

/** Handlers that record what the router does to them. */
export function sampleHandlers() {
  const seen = { ended: [] as string[], produced: 0, signals: [] as AbortSignal[] }
  const handlers: Handlers<typeof sample> = {
    numbers: {
      add: ({ a, b }) => a + b,
      refuse: () => {
        throw new UserError('not-found', 'no number named 7; see the list', { number: 7 })
      },
      crash: () => {
        throw new TypeError('secret path in a stack')
      },
      wrongResult: () => 'seven' as unknown as number,
      huge: ({ characters }) => 'x'.repeat(characters),
      count: async function* ({ to }) {
        for (let i = 0; i < to; i++) yield i
        seen.ended.push('count')
      },
      breakAfter: async function* ({ items }) {
        for (let i = 0; i < items; i++) yield i
        throw new UserError('dataset-corrupt', 'row 3 is damaged')
      },
      forever: async function* () {
        try {
          for (let i = 0; ; i++) {
            seen.produced++
            await new Promise(resolve => setImmediate(resolve))
            yield i
          }
        } finally {
          seen.ended.push('forever')
        }
      },
      silent: (_params, { signal }: CallContext) => {
        seen.signals.push(signal)
        return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }
      }
    }
  }
  return { handlers, seen }
}

/** A log that keeps its lines for assertions. */
export function keepingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    info: text => lines.push(text),
    warning: text => lines.push(text),
    error: (text, error) =>
      lines.push(`${text} ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
  }
}

/** Waits until a condition holds; the test's own timeout ends a wait that never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

export interface Opened {
  readonly port: Port
  close(): Promise<void> | void
}

/**
 * What every port must do, run over each of them.
 * @param open connects a new client port to this router
 */
export function describePort(name: string, open: (router: Router, log: Log) => Promise<Opened>): void {
  describe(`contract over ${name}`, () => {
    const opened: Opened[] = []
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close()
    })

    async function start() {
      const { handlers, seen } = sampleHandlers()
      const log = keepingLog()
      const router = createRouter(sample, handlers, { log, checkResults: true })
      const one = await open(router, log)
      opened.push(one)
      return { client: createClient(sample, one.port), port: one.port, seen, log }
    }

    it('answers calls, with defaults filled in and many open at once', async () => {
      const { client } = await start()
      expect(await client.numbers.add({ a: 1, b: 2 })).toBe(3)
      expect(await client.numbers.add({ a: 1 })).toBe(11)
      const sums = await Promise.all(
        Array.from({ length: 200 }, (_, i) => client.numbers.add({ a: i, b: i }))
      )
      expect(sums).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i))
    })

    it('refuses bad parameters with the place and what was expected', async () => {
      const { client } = await start()
      const error = await client.numbers
        .add({ a: 'one' as unknown as number })
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ContractError)
      expect(error).toMatchObject({ code: 'invalid-params' })
      expect((error as Error).message).toMatch(/numbers\.add: a: .*number/)
    })

    it('passes errors as data: user errors whole, others without their insides', async () => {
      const { client, log } = await start()
      await expect(client.numbers.refuse({})).rejects.toMatchObject({
        code: 'not-found',
        message: 'no number named 7; see the list',
        details: { number: 7 }
      })
      const internal = await client.numbers.crash({}).catch((thrown: unknown) => thrown)
      expect(internal).toMatchObject({ code: 'internal' })
      expect((internal as Error).message).not.toContain('secret')
      expect(log.lines.join('\n')).toMatch(/numbers\.crash failed.*TypeError: secret path/s)
    })

    it('reports a result that its contract forbids as an internal error', async () => {
      const { client, log } = await start()
      await expect(client.numbers.wrongResult({})).rejects.toMatchObject({ code: 'internal' })
      expect(log.lines.join('\n')).toContain('wrongResult returned what its contract forbids')
    })

    it('streams items in order, then ends', async () => {
      const { client, seen } = await start()
      const items: number[] = []
      for await (const item of client.numbers.count({ to: 500 })) items.push(item)
      expect(items).toEqual(Array.from({ length: 500 }, (_, i) => i))
      expect(seen.ended).toEqual(['count'])
    })

    it('delivers the items before an error, then the error', async () => {
      const { client } = await start()
      const items: number[] = []
      const run = async () => {
        for await (const item of client.numbers.breakAfter({ items: 3 })) items.push(item)
      }
      await expect(run()).rejects.toMatchObject({ code: 'dataset-corrupt', message: 'row 3 is damaged' })
      expect(items).toEqual([0, 1, 2])
    })

    it('stops a stream when its reader leaves the loop', async () => {
      const { client, seen } = await start()
      for await (const item of client.numbers.forever({})) if (item > 3) break
      await until(() => seen.ended.includes('forever'))
      expect(await client.numbers.add({ a: 2, b: 2 })).toBe(4)
    })

    it('stops a stream when its signal aborts, ending the loop quietly', async () => {
      const { client, seen } = await start()
      const controller = new AbortController()
      let last = -1
      for await (const item of client.numbers.forever({}, controller.signal)) {
        last = item
        if (item === 5) controller.abort()
      }
      expect(last).toBe(5)
      await until(() => seen.ended.includes('forever'))
    })

    it('aborts a stream that is waiting and never yields', async () => {
      const { client, seen } = await start()
      const controller = new AbortController()
      const items = client.numbers.silent({}, controller.signal)[Symbol.asyncIterator]()
      const waiting = items.next()
      await until(() => seen.signals.length === 1)
      controller.abort()
      expect((await waiting).done).toBe(true)
      await until(() => seen.signals[0].aborted)
    })

    it('refuses a result larger than a frame and keeps the connection', async () => {
      const { client } = await start()
      await expect(client.numbers.huge({ characters: 1024 * 1024 })).rejects.toMatchObject({
        code: 'frame-too-large'
      })
      expect((await client.numbers.huge({ characters: 500_000 })).length).toBe(500_000)
    })

    it('knows only the methods of the contract', async () => {
      const { port } = await start()
      const replies: string[] = []
      port.onFrame(frame => replies.push(frame))
      const names = [
        'numbers.nothing',
        '__proto__.toString',
        'numbers.constructor',
        'constructor',
        'numbers.hasOwnProperty',
        ''
      ]
      names.forEach((method, id) => port.send(JSON.stringify({ v: 1, id: 1000 + id, method, params: {} })))
      await until(() => replies.length === names.length)
      for (const reply of replies)
        expect(JSON.parse(reply)).toMatchObject({ error: { code: 'unknown-method' } })
    })

    it('rejects what is open with `closed` when the port closes', async () => {
      const { client, port, seen } = await start()
      const items = client.numbers.silent({})[Symbol.asyncIterator]()
      const waiting = items.next()
      await until(() => seen.signals.length === 1)
      port.close()
      await expect(waiting).rejects.toMatchObject({ code: 'closed' })
      await expect(client.numbers.add({ a: 1 })).rejects.toMatchObject({ code: 'closed' })
      await until(() => seen.signals[0].aborted)
    })
  })
}
