import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import type { DatasetDynamics } from '../../../../src-preload/contract/datasets.ts'
import { provideClient } from '../../../../src-renderer/client/holder.ts'
import Dynamics from '../../../../src-renderer/features/datasets/DatasetDynamics.vue'
import { fakeClient, settle } from '../../support.ts'

// The kit's toasts need the kit's own build.
vi.mock('../../../../src-renderer/ui/notify.ts', () => ({
  useNotify: () => ({ attempt: (task: () => Promise<unknown>) => task() })
}))

const stubs = {
  UIcon: { template: '<i />' },
  UButton: { props: ['label'], emits: ['click'], template: '<button>{{ label }}</button>' }
}
const unchecked: DatasetDynamics = { check: null, checkable: true, because: null }
const checked: DatasetDynamics = {
  ...unchecked,
  check: {
    ...{ source: 'states', compared: 10, dimensions: 11, variants: [], fits: null, named: null },
    ...{ sentence: 'no variant fits', skipped: { clipped: 0, incomplete: 0 } }
  }
} as never

function show(dynamics: DatasetDynamics, checkDynamics: () => Promise<unknown>) {
  provideClient(fakeClient({ datasets: { dynamics: () => Promise.resolve(dynamics), checkDynamics } }))
  return mount(Dynamics, { props: { datasetId: 'd' }, global: { stubs } })
}

test('a dataset from before the check is checked once by itself, and says so meanwhile', async () => {
  let finish = (_: unknown): void => undefined
  const check = vi.fn(() => new Promise(resolve => (finish = resolve)))
  const page = show(unchecked, check)
  await settle()
  expect(check).toHaveBeenCalledOnce()
  expect(page.text()).toContain('are repeated in simulation')
  finish(checked)
  await settle()
  expect(page.text()).toContain('No variant fits')
})

test('one that has its check, or that no robot fits, is left alone', async () => {
  const check = vi.fn()
  show(checked, check)
  show({ ...unchecked, checkable: false }, check)
  await settle()
  expect(check).not.toHaveBeenCalled()
})

test('a check that fails says why in its place, and can be asked for', async () => {
  const page = show(unchecked, () => Promise.reject(new Error('simulation cannot be loaded here')))
  await settle()
  expect(page.text()).toContain('could not be checked. Simulation cannot be loaded here.')
  expect(page.find('button').text()).toBe('Check')
})
