import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { AlgorithmInfo, EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { AppInfo, Settings } from '../../src-preload/contract/app.ts'
import { useClient } from '../client/holder.ts'

const initial: Settings = {
  theme: 'system',
  slots: 1,
  engine: 'auto',
  simulators: 0,
  palette: 'default',
  reduceMotion: false
}

/** What the host offers and does not change while the page is open: algorithms, environments, the app itself; and the settings. */
export const useCatalogue = defineStore('catalogue', () => {
  const algorithms = shallowRef<readonly AlgorithmInfo[]>([])
  const environments = shallowRef<readonly EnvironmentInfo[]>([])
  const info = shallowRef<AppInfo | null>(null)
  const settings = shallowRef<Settings>(initial)
  const loaded = shallowRef(false)

  async function load(): Promise<void> {
    const client = useClient()
    ;[algorithms.value, environments.value, info.value, settings.value] = await Promise.all([
      client.algorithms.list({}),
      client.environments.list({}),
      client.app.info({}),
      client.app.settings({})
    ])
    loaded.value = true
  }

  async function save(changes: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...changes }
    settings.value = await useClient().app.saveSettings(changes)
  }

  const byId = computed(() => new Map(algorithms.value.map(entry => [entry.id, entry])))
  return {
    algorithms,
    environments,
    info,
    settings,
    loaded,
    load,
    save,
    algorithm: (id: string): AlgorithmInfo | null => byId.value.get(id) ?? null,
    environment: (id: string | null): EnvironmentInfo | null =>
      environments.value.find(entry => entry.id === id) ?? null
  }
})
