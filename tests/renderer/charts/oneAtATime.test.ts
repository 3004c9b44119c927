import { expect, test } from 'vitest'
import { oneAtATime } from '../../../src-renderer/charts/oneAtATime.ts'

test('who asks while a task is under way shares one more run after it', async () => {
  let release: () => void = () => {}
  let begun = 0
  const ask = oneAtATime(async () => {
    begun++
    await new Promise<void>(resolve => (release = resolve))
  })
  const all = [ask(), ask(), ask(), ask()]
  expect(begun).toBe(1)
  release()
  await expect.poll(() => begun).toBe(2)
  release()
  await Promise.all(all)
  expect(begun).toBe(2)
  void ask()
  expect(begun).toBe(3)
})
