import { shallowMount } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { ContractError } from '../../../../src-preload/contract/client.ts'
import type { ErrorCode } from '../../../../src-preload/contract/errors.ts'
import { provideClient } from '../../../../src-renderer/client/holder.ts'
import DatasetEpisodes from '../../../../src-renderer/features/datasets/DatasetEpisodes.vue'
import DatasetMap from '../../../../src-renderer/features/datasets/DatasetMap.vue'
import { dataset, fakeClient, settle } from '../../support.ts'

const told = vi.hoisted(() => vi.fn())
// The kit's toasts need the kit's own build.
vi.mock('../../../../src-renderer/ui/notify.ts', () => ({ useNotify: () => ({ error: told }) }))

const problem = (code: ErrorCode, message: string, details: Record<string, unknown>) =>
  new ContractError({ code, message, details })
const damaged = problem('dataset-corrupt', 'columns.safetensors has another SHA-256', { folder: 'f' })
const gone = problem('not-found', 'the dataset folder f does not exist', { folder: 'f' })
const other = problem('not-found', 'Demonstrations has episodes 0 to 9, not 12', {})

beforeEach(() => told.mockClear())

const stubs = {
  DataGrid: { template: '<div />', methods: { focus: () => undefined } },
  ...{ USelect: true, USwitch: true, UButton: true }
}
const show = (view: typeof DatasetMap, error: Error) => {
  const fail = () => Promise.reject(error)
  provideClient(fakeClient({ datasets: { map: fail, episodes: fail, episode: fail } }))
  return shallowMount(view, {
    props: { dataset: dataset({ observationShape: [2] }), environment: null },
    global: { stubs }
  })
}

test.each([
  ['map', DatasetMap],
  ['episodes', DatasetEpisodes]
] as const)(
  'files that are gone or damaged are left to the page by the view of %s, without a message',
  async (_, view) => {
    for (const error of [damaged, gone]) {
      const page = show(view, error)
      await settle()
      expect(page.emitted('unreadable')?.[0]).toEqual([error])
      page.unmount()
    }
    expect(told).not.toHaveBeenCalled()
  }
)

test('anything else that goes wrong is a message, and the page stays', async () => {
  const page = show(DatasetMap, other)
  await settle()
  expect(told).toHaveBeenCalledExactlyOnceWith(other)
  expect(page.emitted('unreadable')).toBeUndefined()
})
