import type { z } from 'zod'
import type { CallContext, Entry } from '../../src-preload/contract/define.ts'
import type { WireError } from '../../src-preload/contract/errors.ts'
import {
  maxFrameBytes,
  requestFrame,
  type Port,
  type ReplyFrame,
  type RequestFrame
} from '../../src-preload/contract/frames.ts'
import { monotonicSeconds } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import type { RouterOptions } from './router.ts'

/** Streams wait while a port holds more than this, so a slow client gets fewer, larger batches. */
const highWaterBytes = 1024 * 1024
const drainPollMs = 20
/** How long one port's frames may hold the process before others have their turn. */
const turnSeconds = 0.005
/** Most frames a turn: well below the open requests, since answers only come between turns. */
const framesATurn = 200
/** Frames of a port that wait for their turn before it is paused, and where it goes on. */
const pauseAbove = 500
const resumeBelow = 100
/** Frames that may wait where the channel cannot be paused; a client that sends more is closed. */
const mostWaiting = 20_000
/** Requests a port may have open at once; a page needs some tens. */
const maxOpenRequests = 1000

/** One entry of the contract with its handler. */
export interface Method {
  readonly name: string
  readonly entry: Entry
  readonly handle: (params: unknown, context: CallContext) => unknown
}

/** The open requests of one port. */
export class PortServer {
  readonly #port: Port
  readonly #methods: ReadonlyMap<string, Method>
  readonly #options: RouterOptions
  readonly #open = new Map<number, AbortController>()
  #waiting: string[] = []
  #turnPlanned = false
  #paused = false
  #closed = false

  constructor(port: Port, methods: ReadonlyMap<string, Method>, options: RouterOptions) {
    this.#port = port
    this.#methods = methods
    this.#options = options
    port.onFrame(text => this.#enqueue(text))
    port.onClose(() => {
      this.#closed = true
      this.#waiting = []
      for (const controller of this.#open.values()) controller.abort()
      this.#open.clear()
    })
  }

  /** Frames are answered in turns, so that a client that floods its port holds up nobody else. */
  #enqueue(text: string): void {
    if (this.#closed) return
    this.#waiting.push(text)
    if (this.#waiting.length > mostWaiting) {
      this.#options.log.warning(`closed a client with ${mostWaiting} requests waiting`)
      return this.#port.close()
    }
    if (this.#waiting.length > pauseAbove && !this.#paused) {
      this.#paused = true
      this.#port.pause?.()
    }
    if (this.#turnPlanned) return
    this.#turnPlanned = true
    setImmediate(() => this.#takeTurn())
  }

  #takeTurn(): void {
    const end = monotonicSeconds() + turnSeconds
    let taken = 0
    while (taken < Math.min(framesATurn, this.#waiting.length) && !this.#closed) {
      this.#receive(this.#waiting[taken++])
      if (monotonicSeconds() > end) break
    }
    this.#waiting = this.#waiting.slice(taken)
    if (this.#paused && this.#waiting.length < resumeBelow) {
      this.#paused = false
      this.#port.resume?.()
    }
    this.#turnPlanned = this.#waiting.length > 0
    if (this.#turnPlanned) setImmediate(() => this.#takeTurn())
  }

  #receive(text: string): void {
    if (this.#closed) return
    const frame = readFrame(text)
    if (frame === null || ('method' in frame && this.#open.has(frame.id))) {
      this.#options.log.warning(
        `closed a client that sent a bad frame: ${JSON.stringify(text.slice(0, 200))}`
      )
      this.#port.close()
      return
    }
    if ('stop' in frame) {
      this.#open.get(frame.id)?.abort()
      this.#open.delete(frame.id)
    } else void this.#answer(frame.id, frame.method, frame.params)
  }

  async #answer(id: number, name: string, params: unknown): Promise<void> {
    const controller = new AbortController()
    const full = this.#open.size >= maxOpenRequests
    this.#open.set(id, controller)
    try {
      if (full)
        throw new UserError(
          'conflict',
          `more than ${maxOpenRequests} requests are open; wait for some to end`
        )
      const method = this.#methods.get(name)
      if (method === undefined)
        throw new UserError('unknown-method', `the host has no method ${JSON.stringify(name)}`)
      const values = method.handle(readParams(method, params), { signal: controller.signal })
      if (method.entry.kind === 'call') {
        this.#send(
          { id, result: this.#checked(method, method.entry.result, await values) },
          controller.signal
        )
      } else {
        await this.#pump(id, method, method.entry.item, values as AsyncIterable<unknown>, controller.signal)
        this.#send({ id, end: true }, controller.signal)
      }
    } catch (error) {
      if (!controller.signal.aborted)
        this.#send({ id, error: this.#wireError(name, error) }, controller.signal)
    } finally {
      if (this.#open.get(id) === controller) this.#open.delete(id)
    }
  }

  async #pump(
    id: number,
    method: Method,
    schema: z.ZodType,
    items: AsyncIterable<unknown>,
    signal: AbortSignal
  ): Promise<void> {
    const iterator = items[Symbol.asyncIterator]()
    // One listener and one waiting promise at a time: racing with a lasting promise would grow with every item.
    let wake: () => void = () => undefined
    signal.addEventListener('abort', () => wake())
    try {
      for (;;) {
        while (this.#port.buffered() > highWaterBytes && !signal.aborted) await pause(drainPollMs)
        if (signal.aborted) return
        const next = await new Promise<IteratorResult<unknown> | null>((resolve, reject) => {
          wake = () => resolve(null)
          iterator.next().then(resolve, reject)
        })
        if (next === null || next.done === true) return
        this.#send({ id, item: this.#checked(method, schema, next.value) }, signal)
      }
    } finally {
      // Not awaited: a generator that waits for its own next event settles when its signal has woken it.
      void Promise.resolve(iterator.return?.()).catch((error: unknown) =>
        this.#options.log.error(`${method.name} failed to stop`, error)
      )
    }
  }

  #checked(method: Method, schema: z.ZodType, value: unknown): unknown {
    if (!this.#options.checkResults) return value
    const checked = schema.safeParse(value)
    if (!checked.success)
      throw new Error(`${method.name} returned what its contract forbids: ${explain(checked.error)}`)
    return value
  }

  #send(reply: ReplyFrame, signal: AbortSignal): void {
    if (this.#closed || signal.aborted) return
    const text = JSON.stringify(reply)
    if (fits(text)) this.#port.send(text)
    else
      throw new UserError(
        'frame-too-large',
        `the answer has ${text.length} characters, a frame ${maxFrameBytes} bytes; ask for less at once`,
        {
          limitBytes: maxFrameBytes
        }
      )
  }

  #wireError(method: string, error: unknown): WireError {
    if (error instanceof UserError) {
      const details = JSON.stringify(error.details).length < maxFrameBytes / 4 ? { ...error.details } : {}
      return { code: error.code, message: error.message.slice(0, 10_000), details }
    }
    this.#options.log.error(`${method} failed`, error)
    return {
      code: 'internal',
      message: `${method} failed for an internal reason; the host's log has the details`,
      details: {}
    }
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

const fits = (text: string): boolean =>
  text.length <= maxFrameBytes && Buffer.byteLength(text) <= maxFrameBytes

function readFrame(text: string): RequestFrame | null {
  if (!fits(text)) return null
  try {
    const frame = requestFrame.safeParse(JSON.parse(text))
    return frame.success ? frame.data : null
  } catch {
    return null // not JSON: as bad as a frame of the wrong form, and answered alike
  }
}

function readParams(method: Method, params: unknown): unknown {
  const parsed = method.entry.params.safeParse(params)
  if (parsed.success) return parsed.data
  throw new UserError('invalid-params', `${method.name}: ${explain(parsed.error)}`, {
    issues: parsed.error.issues.map(issue => ({ path: issue.path.map(String), message: issue.message }))
  })
}

/** `seeds[0]: Invalid input: expected number, received string; name: ...` */
function explain(error: z.ZodError): string {
  const place = (path: readonly PropertyKey[]) =>
    path
      .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
      .join('')
  return error.issues
    .slice(0, 5)
    .map(issue => (issue.path.length > 0 ? `${place(issue.path)}: ${issue.message}` : issue.message))
    .join('; ')
}
