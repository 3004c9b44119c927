import { describe, expect, test } from 'vitest'
import { describeDivergence, type Divergence } from '../../../src-main/training/divergence.ts'

const row = (row: number, inputs: readonly string[] = []): Divergence['rows'][number] => ({
  ...{ row, episode: row, offset: 2, inputs }
})
const found: Divergence = {
  ...{ step: 7, tensors: ['criticLoss', 'critic/1/0/kernel'], eagerFinite: false },
  rows: [row(0), row(1), row(2), row(3), row(4)]
}
const told = (change: Partial<Divergence>): string =>
  describeDivergence({ ...found, ...change }, 'onnx', episode => episode + 10)

describe('a divergence in sentences', () => {
  test('finite data: what to change comes before where it happened', () => {
    expect(told({})).toBe(
      'Step 7 gave a non-finite value in criticLoss, critic/1/0/kernel. A smaller learning rate, scaled rewards or clipped weights ' +
        'usually help. All inputs of its batch are finite; its rows are episode 10 step 2, episode 11 step 2, episode 12 step 2 and 2 more.'
    )
  })

  test('data that are not finite are the cause', () => {
    expect(told({ rows: [row(1, ['rewards']), row(2)] })).toBe(
      'Step 7 gave a non-finite value in criticLoss, critic/1/0/kernel. The data holds non-finite rewards in episode 11 step 2.'
    )
  })

  test('an engine that is alone with it is at fault, and no learning rate', () => {
    const text = told({ eagerFinite: true, tensors: [] })
    expect(text).toContain(`on engine 'onnx', but the same step computed op by op stays finite`)
    expect(text).toContain('Train with another engine.')
    expect(text).not.toContain('learning rate')
  })
})
