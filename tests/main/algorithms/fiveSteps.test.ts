import { expect, test } from 'vitest'
import { describeEngines } from '../../support/engines.ts'
import { fixtureCases, fixtureRun } from './fiveSteps.ts'
import expected from './fiveSteps.json' with { type: 'json' }
import { expectClose } from './expectClose.ts'

// The figures were taken from the eager engine when it matched the reference implementations' goldens; they keep the numerics in
// place where those files are absent.
const figures = expected as unknown as Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>

describeEngines('the first five steps stay as they were', engine => {
  test.each(fixtureCases().map(each => [each.name, each] as const))('%s', async (name, each) => {
    const metrics = await fixtureRun(engine, each)
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(figures[name]).sort())
    for (const [key, values] of Object.entries(figures[name])) expectClose(key, metrics[key], values, 2e-5)
  })
})
