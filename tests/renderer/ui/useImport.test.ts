import { expect, test } from 'vitest'
import type { ImportProgress } from '../../../src-preload/contract/datasets.ts'
import { useImport } from '../../../src-renderer/ui/useImport.ts'
import { dataset, pushable, settle } from '../support.ts'

const progress = (done: number, total: number): ImportProgress => ({
  kind: 'progress',
  phase: 'reading',
  done,
  total,
  memoryBytes: 0
})

test('an import goes through its phases to the dataset', async () => {
  const task = useImport()
  const stream = pushable<ImportProgress>()
  void task.run(signal => stream.open(signal))
  expect(task.stage.value).toBe('working')
  stream.push(progress(1, 4))
  await settle()
  expect(task.share.value).toBe(0.25)
  stream.push({ kind: 'imported', dataset: dataset() })
  stream.end()
  await settle()
  expect(task.stage.value).toBe('done')
  expect(task.dataset.value?.id).toBe('d1')
})

test('the share is unknown while the total is', async () => {
  const task = useImport()
  const stream = pushable<ImportProgress>()
  void task.run(signal => stream.open(signal))
  stream.push(progress(10, 0))
  await settle()
  expect(task.share.value).toBeNull()
})

test('a failure keeps the sentence of the host', async () => {
  const task = useImport()
  const stream = pushable<ImportProgress>()
  void task.run(signal => stream.open(signal))
  stream.fail(Object.assign(new Error('data.hdf5 has no column actions'), { code: 'invalid-file' }))
  await settle()
  expect(task.stage.value).toBe('failed')
  expect(task.problem.value).toBe('data.hdf5 has no column actions.')
})

test('cancelling stops the stream, and nothing that comes later counts', async () => {
  const task = useImport()
  let signal: AbortSignal | undefined
  const stream = pushable<ImportProgress>()
  void task.run(given => {
    signal = given
    return stream.open(given)
  })
  task.cancel()
  stream.push({ kind: 'imported', dataset: dataset() })
  await settle()
  expect(signal?.aborted).toBe(true)
  expect(task.stage.value).toBe('cancelled')
  expect(task.dataset.value).toBeNull()
})

test('a second run replaces the first', async () => {
  const task = useImport()
  const [first, second] = [pushable<ImportProgress>(), pushable<ImportProgress>()]
  void task.run(signal => first.open(signal))
  void task.run(signal => second.open(signal))
  first.push(progress(3, 4))
  second.push(progress(1, 4))
  await settle()
  expect(task.share.value).toBe(0.25)
})
