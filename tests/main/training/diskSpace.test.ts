import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UserError } from '../../../src-main/base/errors.ts'
import { withDiskSpace } from '../../../src-main/training/diskSpace.ts'
import type { FromTrainer } from '../../../src-main/training/messages.ts'
import { Reporter } from '../../../src-main/training/reporter.ts'
import { ofKind } from './process.ts'

const said: FromTrainer[] = []
let reporter: Reporter
beforeEach(() => {
  said.length = 0
  reporter = new Reporter(message => said.push(message), 100, 0, 0)
})
afterEach(() => reporter.close())
const full = () => new UserError('disk-full', 'the disk is full')

test('a full disk makes the run wait, say so once, and go on when there is room', async () => {
  const work = vi
    .fn()
    .mockRejectedValueOnce(full())
    .mockRejectedValueOnce(full())
    .mockResolvedValueOnce('written')
  const written = withDiskSpace(work, reporter, new AbortController().signal, () => Promise.resolve())
  expect(await written).toBe('written')
  expect(work).toHaveBeenCalledTimes(3)
  expect(ofKind(said, 'log')).toEqual([
    { kind: 'log', level: 'warning', step: null, text: 'the disk is full. The run waits.' }
  ])
})

test('a request to leave ends the waiting', async () => {
  const leaving = new AbortController()
  const work = () => {
    leaving.abort()
    return Promise.reject(full())
  }
  await expect(withDiskSpace(work, reporter, leaving.signal)).rejects.toThrow('the disk is full')
})

test('other failures are not retried', async () => {
  const work = vi.fn().mockRejectedValue(new UserError('io-error', 'broken'))
  await expect(withDiskSpace(work, reporter, new AbortController().signal)).rejects.toThrow('broken')
  expect(work).toHaveBeenCalledTimes(1)
})
