import { describe, expect, it } from 'vitest'
import { ChangeHub, followTopic } from '../../../src-main/api/changes.ts'
import { pagesOf } from '../../../src-main/api/pages.ts'

describe('ChangeHub', () => {
  it('keeps one entry an id for a slow reader, and wakes one that waits', async () => {
    const hub = new ChangeHub()
    const { signal } = new AbortController()
    const subscription = hub.subscribe('points')
    for (let i = 0; i < 1000; i++) hub.pointsAppended(`r${i % 3}`)
    expect(await subscription.next(signal)).toEqual(new Set(['r0', 'r1', 'r2']))
    const waiting = subscription.next(signal)
    hub.pointsAppended('r5')
    expect(await waiting).toEqual(new Set(['r5']))
  })

  it('tells the followers of a topic only, and a finished evaluation to the followers of runs too', async () => {
    const hub = new ChangeHub()
    const { signal } = new AbortController()
    const [runs, log] = [hub.subscribe('runs'), hub.subscribe('log')]
    hub.evaluationAdded('a')
    hub.runsRemoved(['b'])
    hub.logAppended('c')
    expect(await runs.next(signal)).toEqual(new Set(['a', 'b']))
    expect(await log.next(signal)).toEqual(new Set(['c']))
  })

  it('ends a wait when the signal aborts, and gathers nothing once closed', async () => {
    const hub = new ChangeHub()
    const controller = new AbortController()
    const subscription = hub.subscribe('runs')
    const waiting = subscription.next(controller.signal)
    controller.abort()
    expect(await waiting).toBeNull()
    subscription.close()
    const other = hub.subscribe('runs')
    hub.runsChanged(['a'])
    expect(await other.next(new AbortController().signal)).toEqual(new Set(['a']))
  })
})

describe('followTopic', () => {
  it('misses nothing that changes between the first read and the first wait', async () => {
    const hub = new ChangeHub()
    const controller = new AbortController()
    const first = function* () {
      yield 'first'
      hub.runsChanged(['during'])
    }
    const seen: string[] = []
    const stream = followTopic(hub, 'runs', controller.signal, { pauseMs: 0, first, next: ids => [...ids] })
    for await (const item of stream) {
      seen.push(item)
      if (item === 'during') hub.runsChanged(['later', 'later'])
      if (item === 'later') controller.abort()
    }
    expect(seen).toEqual(['first', 'during', 'later'])
  })
})

describe('pagesOf', () => {
  it('keeps the order, fits every page, and gives one page for nothing', () => {
    const items = Array.from({ length: 100 }, (_, i) => 'é'.repeat(i))
    const pages = pagesOf(items, 500)
    expect(pages.flat()).toEqual(items)
    expect(pages.length).toBeGreaterThan(10)
    for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(502)
    expect(pagesOf([])).toEqual([[]])
  })
})
