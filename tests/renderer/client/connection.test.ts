import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Port } from '../../../src-preload/contract/frames.ts'
import { createConnection, pauseBefore } from '../../../src-renderer/client/connection.ts'
import { follow } from '../../../src-renderer/client/follow.ts'
import { splitFragment, takeToken } from '../../../src-renderer/client/token.ts'
import { settle } from '../support.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Ports that a test answers and closes; the newest is the one in use. */
function ports() {
  const made: { frames: string[]; answer: () => void; close: () => void }[] = []
  const open = (): Port => {
    const frames: string[] = []
    let onFrame: (frame: string) => void = () => undefined
    const closers: (() => void)[] = []
    made.push({
      frames,
      answer: () =>
        frames.forEach((_, id) => onFrame(JSON.stringify({ id: lastId(frames[id]), result: {} }))),
      close: () => closers.forEach(listener => listener())
    })
    return {
      send: frame => void frames.push(frame),
      onFrame: listener => (onFrame = listener),
      onClose: listener => void closers.push(listener),
      buffered: () => 0,
      close: () => undefined
    }
  }
  return { made, open, last: () => made[made.length - 1]! }
}
const lastId = (frame: string | undefined): number => (JSON.parse(frame ?? '{}') as { id: number }).id

test('a lost connection is opened again after a pause that grows with every try', async () => {
  const { open, made, last } = ports()
  const connection = createConnection(open)
  last().answer()
  await settle()
  expect(connection.status.state).toBe('open')

  last().close()
  expect(connection.status).toMatchObject({ state: 'lost', attempts: 1, retryInMs: pauseBefore(1) })
  vi.advanceTimersByTime(pauseBefore(1))
  expect(made).toHaveLength(2)
  last().close()
  expect(connection.status.retryInMs).toBe(pauseBefore(2))
  expect(pauseBefore(2)).toBeGreaterThan(pauseBefore(1))
  expect(pauseBefore(30)).toBe(10_000)

  let back = false
  void connection.opened().then(() => (back = true))
  connection.retry()
  last().answer()
  await settle()
  expect(connection.status).toMatchObject({ state: 'open', attempts: 0 })
  expect(back).toBe(true)
})

test('a refused page says so and tries no more', () => {
  const { open, made, last } = ports()
  let refuse = (): void => undefined
  const connection = createConnection(refused => {
    refuse = refused
    return open()
  })
  refuse()
  last().close()
  vi.advanceTimersByTime(60_000)
  expect(connection.status.state).toBe('refused')
  expect(made).toHaveLength(1)
})

test('a stream begins again when the connection is back, marked as fresh', async () => {
  const seen: [string, boolean][] = []
  let opens = 0
  let back = (): void => undefined
  const stop = new AbortController()
  const done = follow<string>({
    open: async function* () {
      opens++
      yield `${opens}a`
      yield `${opens}b`
      if (opens === 1) throw Object.assign(new Error('lost'), { code: 'closed' })
    },
    onItem: (item, fresh) => seen.push([item, fresh]),
    signal: stop.signal,
    opened: () => new Promise(resolve => (back = resolve)),
    onError: error => {
      throw error
    }
  })
  await settle()
  expect(opens).toBe(1)
  back()
  await done
  expect(seen).toEqual([
    ['1a', true],
    ['1b', false],
    ['2a', true],
    ['2b', false]
  ])
})

test('a stream that the host refuses ends with its error', async () => {
  const errors: unknown[] = []
  await follow({
    open: async function* () {
      throw Object.assign(new Error('no such run'), { code: 'not-found' })
    },
    onItem: () => undefined,
    signal: new AbortController().signal,
    opened: () => Promise.reject(new Error('must not wait')),
    onError: error => errors.push(error)
  })
  expect(errors).toHaveLength(1)
})

test('the token leaves the address and the place in it stays', () => {
  expect(splitFragment('#token=ab-c_1')).toEqual({ token: 'ab-c_1', route: '' })
  expect(splitFragment('#token=ab&/runs/r1')).toEqual({ token: 'ab', route: '#/runs/r1' })
  expect(splitFragment('#/runs/r1?token=ab')).toEqual({ token: 'ab', route: '#/runs/r1' })
  expect(splitFragment('#/runs/r1?tab=log')).toEqual({ token: null, route: '#/runs/r1?tab=log' })
})

test('the token is kept for a reload of the tab', () => {
  const addresses: unknown[] = []
  const history = { replaceState: (_: unknown, __: string, url: unknown) => void addresses.push(url) }
  sessionStorage.clear()
  expect(takeToken({ hash: '#token=secret', pathname: '/' }, history, sessionStorage)).toBe('secret')
  expect(addresses).toEqual(['/'])
  expect(takeToken({ hash: '#/runs', pathname: '/' }, history, sessionStorage)).toBe('secret')
})
