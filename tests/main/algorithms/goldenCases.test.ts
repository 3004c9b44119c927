import { describe, expect, test } from 'vitest'
import { describeEngines } from '../../support/engines.ts'
import { expectClose } from './expectClose.ts'
import { awacGolden, iqlGolden } from './goldenCases.ts'
import { train } from './programs.ts'

describeEngines('300 updates of a reference implementation', engine => {
  describe.each([
    ['IQL', iqlGolden],
    ['AWAC of CORL', awacGolden]
  ] as const)('%s', (_name, source) => {
    const absent = source.path === null
    test.skipIf(absent)(
      `metrics and final parameters agree${absent ? ' (SKIPPED: ../shared/goldens is absent)' : ''}`,
      { timeout: 300_000 },
      async () => {
        const { golden, program, state, stateNames, noise, metrics, final } = await source.read()
        expect(Object.keys(state).sort()).toEqual([...stateNames].sort())
        const result = await train(engine, program, state, golden.columns, golden.indices, noise, 50)
        for (const [name, values] of Object.entries(metrics)) {
          const first = result.metrics[name].slice(0, 50)
          expectClose(`${name} of the first 50 updates`, first, values.slice(0, 50), 1e-4)
          expectClose(name, result.metrics[name], values, 1e-2)
        }
        for (const [name, { data }] of Object.entries(final))
          expectClose(name, result.state[name].data, data, 1e-2)
        expect(result.finite.every(flag => flag === 1)).toBe(true)
      }
    )
  })
})
