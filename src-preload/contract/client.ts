import type { Client, Contract } from './define.ts'
import type { ErrorCode, WireError } from './errors.ts'
import { protocolVersion, type Port, type ReplyFrame } from './frames.ts'

/** A failed request as its caller sees it: the host's code and sentence. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor({ code, message, details }: WireError) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** What waits for the replies of one request. */
interface Waiter {
  reply(frame: ReplyFrame): void
  fail(error: ContractError): void
}

/** One open port with its numbered requests. */
interface Connection {
  readonly closed: boolean
  open(method: string, params: unknown, waiter: Waiter): number
  stop(id: number): void
}

const closedError = () =>
  new ContractError({ code: 'closed', message: 'the connection to the host is closed', details: {} })

function connect(port: Port): Connection {
  const waiting = new Map<number, Waiter>()
  let nextId = 0
  let closed = false
  port.onFrame(text => {
    const frame = JSON.parse(text) as ReplyFrame
    const waiter = waiting.get(frame.id)
    if (waiter === undefined) return // a late item of a stream that was stopped here
    if (!('item' in frame)) waiting.delete(frame.id)
    waiter.reply(frame)
  })
  port.onClose(() => {
    closed = true
    const left = [...waiting.values()]
    waiting.clear()
    for (const waiter of left) waiter.fail(closedError())
  })
  return {
    get closed() {
      return closed
    },
    open(method, params, waiter) {
      const id = nextId++
      waiting.set(id, waiter)
      port.send(JSON.stringify({ v: protocolVersion, id, method, params: params ?? {} }))
      return id
    },
    stop(id) {
      if (waiting.delete(id) && !closed) port.send(JSON.stringify({ v: protocolVersion, id, stop: true }))
    }
  }
}

function request(connection: Connection, method: string, params: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (connection.closed) throw closedError()
    connection.open(method, params, {
      reply: frame =>
        'error' in frame
          ? reject(new ContractError(frame.error))
          : resolve('result' in frame ? frame.result : undefined),
      fail: reject
    })
  })
}

/** Items that arrived and readers that wait; a stream's two sides meet here. */
class ItemQueue implements Waiter {
  readonly #items: unknown[] = []
  #state: 'open' | 'ended' | ContractError = 'open'
  #wake: (() => void) | null = null

  reply(frame: ReplyFrame): void {
    if ('item' in frame) this.#items.push(frame.item)
    else this.#state = 'error' in frame ? new ContractError(frame.error) : 'ended'
    this.#notify()
  }

  fail(error: ContractError): void {
    this.#state = error
    this.#notify()
  }

  end(): void {
    this.#items.length = 0
    this.#state = 'ended'
    this.#notify()
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    for (;;) {
      if (this.#items.length > 0) return { done: false, value: this.#items.shift() }
      if (this.#state === 'ended') return { done: true, value: undefined }
      if (this.#state !== 'open') {
        const error = this.#state
        this.#state = 'ended'
        throw error
      }
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  #notify(): void {
    this.#wake?.()
    this.#wake = null
  }
}

function iterate(
  connection: () => Connection,
  method: string,
  params: unknown,
  signal?: AbortSignal
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      const queue = new ItemQueue()
      if (signal?.aborted) return { next: async () => ({ done: true as const, value: undefined }) }
      const link = connection()
      if (link.closed) queue.fail(closedError())
      const id = link.closed ? -1 : link.open(method, params, queue)
      const stop = () => {
        signal?.removeEventListener('abort', stop)
        link.stop(id)
        queue.end()
      }
      signal?.addEventListener('abort', stop)
      return {
        next: async () => {
          const result = await queue.next()
          if (result.done) signal?.removeEventListener('abort', stop)
          return result
        },
        return: async () => {
          stop()
          return { done: true, value: undefined }
        }
      }
    }
  }
}

/**
 * The caller's side of a contract: promises for calls, async iterables for streams. Results are trusted: the host checks them.
 * A stream whose signal aborts ends quietly; when its port closes it throws `closed`, and the caller asks again from its cursor.
 * @param port an open port, or a function that opens one: then a request after a lost connection opens a new one
 * @throws ContractError from every request that the host refuses or cannot answer
 */
export function createClient<C extends Contract>(contract: C, port: Port | (() => Port)): Client<C> {
  let current = typeof port === 'function' ? null : connect(port)
  const connection = (): Connection => {
    if (typeof port === 'function' && (current === null || current.closed)) current = connect(port())
    return current as Connection
  }
  const groups = Object.entries(contract).map(([group, entries]) => {
    const methods = Object.entries(entries).map(([name, entry]) => {
      const method = `${group}.${name}`
      return entry.kind === 'call'
        ? [name, (params: unknown) => request(connection(), method, params)]
        : [name, (params: unknown, signal?: AbortSignal) => iterate(connection, method, params, signal)]
    })
    return [group, Object.fromEntries(methods) as unknown]
  })
  return Object.fromEntries(groups) as Client<C>
}
