import { expect, test } from 'vitest'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { FromTrainer } from '../../../src-main/training/messages.ts'
import { TrainingRun } from '../../../src-main/training/trainingRun.ts'
import { jobFor, ofKind } from './process.ts'
import { onDisk, walks } from './support.ts'

/** What a run says whose engine throws at the first step. */
async function saidAfter(error: Error): Promise<FromTrainer[]> {
  const messages: FromTrainer[] = []
  const compile: typeof eagerEngine.compile = async (program, options) => {
    const session = await eagerEngine.compile(program, options)
    session.run = () => Promise.reject(error)
    return session
  }
  const run = new TrainingRun(jobFor(await onDisk(walks())), {
    send: message => void messages.push(message as FromTrainer),
    flush: () => Promise.resolve()
  })
  await run.run({ engine: { ...eagerEngine, compile } })
  return messages
}

test.each([
  ['V8', new RangeError('Array buffer allocation failed')],
  ['ONNX Runtime', new Error('Failed to allocate memory for requested buffer of size 268435456')],
  ['C++', new Error('std::bad_alloc')],
  ['TensorFlow', new Error('OOM when allocating tensor with shape[16384,4096] and type float')]
])('a run for which %s finds no memory says so, and what to do', async (_who, error) => {
  const messages = await saidAfter(error)
  const [{ state, reason }] = ofKind(messages, 'ended')
  expect(state).toBe('failed')
  expect(reason).toMatch(/^Memory ran out \(.+\)\. Resume when .* smaller batch or network\.$/)
  expect(reason).toContain(error.message)
  expect(ofKind(messages, 'log').at(-1)).toMatchObject({
    level: 'error',
    text: expect.stringContaining(error.message) as string
  })
})

test('another error is not taken for that', async () => {
  const [{ reason }] = ofKind(await saidAfter(new Error('no such tensor')), 'ended')
  expect(reason).toBe('The trainer failed: no such tensor. The log has the place.')
})
