import { expect, test } from 'vitest'
import { precisionProblem } from '../../../src-preload/contract/precision.ts'
import { tensorflowEngine } from '../../../src-main/compute/tensorflow/index.ts'
import { describeOnly } from '../../support/engines.ts'
import { largestError } from './errors.ts'
import { awacGolden, iqlGolden } from './goldenCases.ts'
import { train } from './programs.ts'

/** Of metrics of 300 updates with hidden layers of 64, relative to the larger of 1 and the value; docs/benchmarks.md has what was measured. */
const tolerance = 0.1

const { precisions } = await tensorflowEngine.describe()
const absent = iqlGolden.path === null || awacGolden.path === null
const reason = absent ? '../shared/goldens is absent' : precisionProblem('bfloat16', precisions)
const skipped = reason === null ? '' : ` (SKIPPED: ${reason})`

describeOnly('tensorflow', 'products in bfloat16 on the rows of the goldens', engine => {
  test.skipIf(reason !== null).each([
    ['iql', iqlGolden, [64, 64]],
    ['awac', awacGolden, [64, 64, 64]]
  ] as const)(
    `%s: narrow layers keep their bits, wide ones stay within ${tolerance} of float32${skipped}`,
    { timeout: 300_000 },
    async (_name, source, hiddenSizes) => {
      const metricsOf = async (precision: 'float32' | 'bfloat16', hidden?: readonly number[]) => {
        const { golden, program, state, noise } = await source.read(hidden)
        const { columns, indices } = golden
        const result = await train(engine, program, state, columns, indices, noise, 50, precision)
        expect(result.finite.every(flag => flag === 1)).toBe(true)
        return result.metrics
      }
      expect(await metricsOf('bfloat16')).toEqual(await metricsOf('float32'))
      const exact = await metricsOf('float32', hiddenSizes)
      const reduced = await metricsOf('bfloat16', hiddenSizes)
      const { metrics } = await source.read()
      const errors = Object.keys(metrics).map(name => largestError(reduced[name], exact[name]))
      expect(Math.max(...errors)).toBeLessThan(tolerance)
      expect(Math.min(...errors)).toBeGreaterThan(1e-5)
    }
  )
})
