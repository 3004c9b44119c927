import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { provideClient } from '../../../../src-renderer/client/holder.ts'
import DatasetCard from '../../../../src-renderer/features/datasets/DatasetCard.vue'
import RunConfig from '../../../../src-renderer/features/runs/RunConfig.vue'
import { fakeClient, run, settle } from '../../support.ts'

// The kit's toasts need the kit's own build.
vi.mock('../../../../src-renderer/ui/notify.ts', () => ({
  useNotify: () => ({ attempt: (task: () => Promise<unknown>) => task() })
}))

const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script> **bold** [link](javascript:alert(3))'

test('the card of a file is text: neither its headings nor its words become elements', async () => {
  provideClient(fakeClient({ datasets: { card: () => Promise.resolve({ [hostile]: hostile }) } }))
  const page = mount(DatasetCard, { props: { datasetId: 'd' } })
  await settle()
  expect(page.get('dt').text()).toBe(hostile)
  expect(page.get('dd').text()).toBe(hostile)
  expect(page.findAll('img, script, a, b, strong')).toHaveLength(0)
})

test('the facts of a run are text', () => {
  const props = {
    run: run({ datasetName: hostile, precision: 'float32' }),
    algorithm: null
  }
  const page = mount(RunConfig, { props })
  expect(page.text()).toContain('<img src=x onerror=')
  expect(page.findAll('img, script, b, strong, a[href^="javascript"]')).toHaveLength(0)
})

test('no part of the page writes HTML of its own making', () => {
  const sources = import.meta.glob<string>('../../../../src-renderer/**/*.{vue,ts}', {
    query: '?raw',
    import: 'default',
    eager: true
  })
  const writes =
    /v-html|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment|\bDOMParser\b/
  const guilty = Object.entries(sources).filter(
    ([path, text]) => !path.endsWith('trusted.ts') && writes.test(text)
  )
  expect(Object.keys(sources).length).toBeGreaterThan(200)
  expect(guilty.map(([path]) => path)).toEqual([])
})
