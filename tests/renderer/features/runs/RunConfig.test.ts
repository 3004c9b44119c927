import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { Run } from '../../../../src-preload/contract/runs.ts'
import RunConfig from '../../../../src-renderer/features/runs/RunConfig.vue'
import { run } from '../../support.ts'

const engine: NonNullable<Run['engine']> = {
  ...{ id: 'tensorflow', version: '2.21.0', threads: 2, device: 'CPU', precision: 'float32' }
}
const factsOf = (more: Partial<Run>) => {
  const page = mount(RunConfig, { props: { run: run({ precision: 'float32', ...more }), algorithm: null } })
  const names = page.findAll('dt').map(name => name.text())
  const values = page.findAll('dd')
  return { names, value: (name: string) => values[names.indexOf(name)] }
}

test('a run says how its steps ran, and why', () => {
  const execution = { mode: 'graph' as const, reason: 'XLA does not compile this step' }
  const { value } = factsOf({ engine: { ...engine, execution } })
  expect(value('Steps run')?.text()).toBe('node by node')
  expect(value('Steps run')?.attributes('title')).toBe(execution.reason)
})

test('a run from before that was recorded, or on an engine with one way, says nothing of it', () => {
  expect(factsOf({ engine }).names).not.toContain('Steps run')
  expect(factsOf({ engine: null }).names).not.toContain('Steps run')
})
