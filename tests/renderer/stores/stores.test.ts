import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { nextTick } from 'vue'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { provideClient } from '../../../src-renderer/client/holder.ts'
import { useAppearance } from '../../../src-renderer/stores/appearance.ts'
import { useCatalogue } from '../../../src-renderer/stores/catalogue.ts'
import { useRuns } from '../../../src-renderer/stores/runs.ts'
import { algorithm, fakeClient, pushable, run, settle } from '../support.ts'

beforeEach(() => setActivePinia(createPinia()))

type Item = { changed: Run[]; removed: string[] }
const noError = (error: unknown): never => {
  throw error
}

test('runs follow the host: changes replace, removals go, newest first, archived apart', async () => {
  const stream = pushable<Item>()
  provideClient(fakeClient({ runs: { follow: (_: unknown, signal: AbortSignal) => stream.open(signal) } }))
  const runs = useRuns()
  void runs.start(new AbortController().signal, () => Promise.resolve(), noError)
  stream.push({ changed: [run({ id: 'a', createdAt: 1 }), run({ id: 'b', createdAt: 2 })], removed: [] })
  stream.push({ changed: [run({ id: 'a', createdAt: 1, state: 'finished', archived: true })], removed: [] })
  await settle()
  expect(runs.all.map(entry => [entry.id, entry.state])).toEqual([
    ['b', 'running'],
    ['a', 'finished']
  ])
  expect(runs.active.map(entry => entry.id)).toEqual(['b'])
  stream.push({ changed: [], removed: ['b'] })
  await settle()
  expect(runs.get('b')).toBeNull()
})

test('what was removed while the connection was lost is gone after it is back', async () => {
  const stream = pushable<Item>()
  provideClient(fakeClient({ runs: { follow: (_: unknown, signal: AbortSignal) => stream.open(signal) } }))
  const runs = useRuns()
  void runs.start(new AbortController().signal, () => Promise.resolve(), noError)
  stream.push({ changed: [run({ id: 'a' }), run({ id: 'b' })], removed: [] })
  stream.fail(Object.assign(new Error('lost'), { code: 'closed' }))
  stream.push({ changed: [run({ id: 'b' })], removed: [] })
  await settle()
  expect(stream.opened()).toBe(2)
  expect(runs.all.map(entry => entry.id)).toEqual(['b'])
})

const settings = { theme: 'dark', slots: 1, engine: 'auto', palette: 'default', reduceMotion: false }

test('the theme of the settings reaches the page and is remembered for the next first paint', async () => {
  localStorage.clear()
  provideClient(
    fakeClient({
      algorithms: { list: async () => [algorithm()] },
      environments: { list: async () => [] },
      app: {
        info: async () => ({}),
        settings: async () => settings,
        saveSettings: async (changes: object) => ({ ...settings, ...changes })
      }
    })
  )
  const catalogue = useCatalogue()
  const appearance = useAppearance()
  await catalogue.load()
  await nextTick()
  expect(document.documentElement.classList.contains('dark')).toBe(true)
  expect(localStorage.getItem('stitchwork.theme')).toBe('dark')
  const before = appearance.colourOf(0)
  await catalogue.save({ theme: 'light', palette: 'colourBlind' })
  await nextTick()
  expect(document.documentElement.classList.contains('dark')).toBe(false)
  expect(appearance.colourOf(0)).not.toBe(before)
  expect(appearance.colourOf(appearance.colours.length)).toBe(appearance.colourOf(0))
  expect(catalogue.algorithm('iql')?.title).toBe('Implicit Q-learning')
  expect(catalogue.algorithm('unknown')).toBeNull()
})
