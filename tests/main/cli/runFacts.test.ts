import { expect, it } from 'vitest'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { runFacts } from '../../../src-main/cli/commands/runs.ts'

const engine = {
  id: 'tensorflow',
  version: '2.21.0',
  threads: 2,
  device: 'CPU',
  precision: 'float32' as const
}
const runOn = (engine: Run['engine']): Run =>
  ({ progress: { step: 1, totalSteps: 2 }, config: {}, precision: 'float32', engine }) as Run
const fact = (run: Run, name: string): string | undefined =>
  runFacts(run).find(([what]) => what === name)?.[1]

it('tells how the steps of a run ran, where that is recorded', () => {
  const execution = { mode: 'graph' as const, reason: 'XLA does not compile this step' }
  expect(fact(runOn({ ...engine, execution }), 'steps run')).toBe(
    'node by node: XLA does not compile this step'
  )
  expect(fact(runOn(engine), 'engine')).toBe('tensorflow 2.21.0')
  expect(fact(runOn(engine), 'steps run')).toBeUndefined()
  expect(fact(runOn(null), 'steps run')).toBeUndefined()
})
