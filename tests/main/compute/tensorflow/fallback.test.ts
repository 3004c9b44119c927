import { describe, expect, test } from 'vitest'
import { modeFor } from '../../../../src-main/compute/tensorflow/index.ts'
import { Fallback } from '../../../../src-main/compute/tensorflow/fallback.ts'

const refusal = new Error('XLA has no kernel')
const isRefusal = (error: unknown): boolean => error === refusal

/** Work that throws what it is given, call by call; null is success. */
function attempts(...errors: (Error | null)[]) {
  const log: string[] = []
  const work = (): string => {
    const error = errors.shift()
    if (error) throw error
    log.push('worked')
    return 'result'
  }
  const fallBack = async (): Promise<void> => void log.push('fell back')
  return { log, work, fallBack }
}

describe('another way of running', () => {
  test('is taken when the first call is refused', async () => {
    const { log, work, fallBack } = attempts(refusal, null)
    expect(await new Fallback(true).run(work, isRefusal, fallBack)).toBe('result')
    expect(log).toEqual(['fell back', 'worked'])
  })

  test('is not taken after a call has come through: the same error then ends the run', async () => {
    const { log, work, fallBack } = attempts(null, refusal)
    const fallback = new Fallback(true)
    await fallback.run(work, isRefusal, fallBack)
    await expect(fallback.run(work, isRefusal, fallBack)).rejects.toBe(refusal)
    expect(log).toEqual(['worked'])
  })

  test('is taken once, and not for other errors', async () => {
    const twice = attempts(refusal, refusal)
    const fallback = new Fallback(true)
    await expect(fallback.run(twice.work, isRefusal, twice.fallBack)).rejects.toBe(refusal)
    await expect(fallback.run(twice.work, isRefusal, twice.fallBack)).resolves.toBe('result')
    expect(twice.log).toEqual(['fell back', 'worked'])
    const other = attempts(new Error('out of memory'))
    await expect(new Fallback(true).run(other.work, isRefusal, other.fallBack)).rejects.toThrow(
      'out of memory'
    )
    expect(other.log).toEqual([])
  })

  test('is not there for a session that begins with it', async () => {
    const { log, work, fallBack } = attempts(refusal)
    await expect(new Fallback(false).run(work, isRefusal, fallBack)).rejects.toBe(refusal)
    expect(log).toEqual([])
  })
})

test.each([
  [{ gpu: true, threads: 1, wanted: undefined }, 'xla', 'GPU'],
  [{ gpu: false, threads: 4, wanted: undefined }, 'graph', 'on a processor'],
  [{ gpu: false, threads: 2, wanted: 'xla' }, 'xla', 'STITCHWORK_TENSORFLOW_MODE'],
  [{ gpu: true, threads: 1, wanted: 'graph' }, 'graph', 'STITCHWORK_TENSORFLOW_MODE'],
  [{ gpu: false, threads: 1, wanted: 'xla' }, 'graph', 'wait for ever']
])('%o runs as %s, and says why', (place, mode, why) => {
  expect(modeFor(place).mode).toBe(mode)
  expect(modeFor(place).reason).toContain(why)
})
