import { expect, test, vi } from 'vitest'
import { UserError } from '../../../src-main/base/errors.ts'
import { StoreQueue } from '../../../src-main/training/storeQueue.ts'

const full = new UserError('disk-full', 'the disk is full')

function makeQueue() {
  const [done, told]: [string[], unknown[]] = [[], []]
  const closing = new AbortController()
  const queue = new StoreQueue(error => told.push(error), closing.signal)
  let room = true
  const add = (name: string): void =>
    queue.add(() => {
      if (!room) throw full
      done.push(name)
    })
  return { queue, add, done, told, closing, makeRoom: (there: boolean) => (room = there) }
}

test('what the store cannot take waits with all that follows, is told once, and is done in order', () => {
  vi.useFakeTimers()
  const { add, done, told, makeRoom } = makeQueue()
  add('first')
  makeRoom(false)
  add('second')
  add('third')
  vi.advanceTimersByTime(10_000)
  expect(done).toEqual(['first'])
  expect(told).toEqual([full])
  makeRoom(true)
  add('fourth')
  expect(done).toEqual(['first'])
  vi.advanceTimersByTime(1000)
  expect(done).toEqual(['first', 'second', 'third', 'fourth'])
  vi.useRealTimers()
})

test('a bug is told and dropped: waiting would not mend it', () => {
  const { queue, add, done, told } = makeQueue()
  const bug = new TypeError('a bug')
  queue.add(() => {
    throw bug
  })
  add('next')
  expect(told).toEqual([bug])
  expect(done).toEqual(['next'])
})

test('before the store is closed what waits is tried once more, and then no longer', () => {
  vi.useFakeTimers()
  for (const room of [true, false]) {
    const { add, done, closing, makeRoom } = makeQueue()
    makeRoom(false)
    add('last')
    makeRoom(room)
    closing.abort()
    expect(done).toEqual(room ? ['last'] : [])
    expect(vi.getTimerCount()).toBe(0)
  }
  vi.useRealTimers()
})

test('work that adds work has it done once, after itself', () => {
  const { queue, add, done } = makeQueue()
  queue.add(() => {
    add('inner')
    done.push('outer')
  })
  add('last')
  expect(done).toEqual(['outer', 'inner', 'last'])
})
