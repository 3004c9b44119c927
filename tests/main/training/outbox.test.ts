import { describe, expect, test } from 'vitest'
import type { FromTrainer } from '../../../src-main/training/messages.ts'
import { messagesOf, Outbox, unstoredSchema } from '../../../src-main/training/outbox.ts'

const points = (first: number, values: readonly number[]): FromTrainer => ({
  kind: 'metrics',
  blocks: [
    {
      ...{ key: 'loss', steps: values.map((_, i) => first + i), seconds: values.map(() => 0.5) },
      values: Float64Array.from(values)
    }
  ]
})

describe('what a trainer keeps until it is stored', () => {
  test('survives a file with its non-finite values, as one message a kind', () => {
    const outbox = new Outbox()
    outbox.take(points(1, [1, NaN]))
    outbox.take(points(3, [-Infinity]))
    const read = unstoredSchema.parse(JSON.parse(JSON.stringify(outbox.unstored())))
    expect(messagesOf(read)).toEqual([{ ...points(1, [1, NaN, -Infinity]), repeated: true }])
  })

  test('is dropped up to the message that is stored', () => {
    const outbox = new Outbox()
    const first = outbox.take(points(1, [1, 2]))
    outbox.take(points(3, [3]))
    outbox.stored(first.kind === 'metrics' ? first.sequence! : 0)
    expect(outbox.unstored()?.blocks).toMatchObject([{ steps: [3], values: [3] }])
    outbox.stored(2)
    expect(outbox.unstored()).toBeUndefined()
  })

  test('is bounded: the oldest points go, and the log says how many', () => {
    const outbox = new Outbox()
    for (let i = 0; i < 21; i++)
      outbox.take(
        points(
          1 + 1000 * i,
          Array.from({ length: 1000 }, () => 0)
        )
      )
    const unstored = outbox.unstored()!
    expect(unstored.blocks[0].steps).toHaveLength(20_000)
    expect(unstored.blocks[0].steps[0]).toBe(1001)
    expect(messagesOf(unstored).at(-1)).toMatchObject({
      kind: 'log',
      text: expect.stringMatching(/^1000 points/)
    })
  })
})
