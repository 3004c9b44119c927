import { describe, expect, test } from 'vitest'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { describeMetric, metricCatalogue } from '../../../src-main/algorithms/metricInfo.ts'
import { continuous, discrete } from './programs.ts'

describe('metric catalogue', () => {
  test.each(algorithms.map(algorithm => [algorithm.id, algorithm] as const))(
    'covers every metric of %s',
    (_id, algorithm) => {
      for (const problem of [continuous, discrete]) {
        const config = algorithm.schema.parse({})
        for (const name of algorithm.metrics(config, problem))
          expect(metricCatalogue.has(`train/${name}`), name).toBe(true)
        for (const name of algorithm.diagnose(config, problem).names) {
          expect(metricCatalogue.has(`heldOut/${name}`), name).toBe(true)
        }
      }
    }
  )

  test('knows what evaluation and training add', () => {
    for (const key of ['eval/return', 'eval/score', 'eval/length', 'time/stepsPerSecond']) {
      expect(metricCatalogue.get(key)?.description).toMatch(/\.$/)
    }
    expect(describeMetric('eval/return').higherIsBetter).toBe(true)
  })

  test('shows an unknown key plainly', () => {
    expect(describeMetric('train/mine')).toMatchObject({ key: 'train/mine', title: 'train/mine', unit: null })
  })
})
