import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type {
  EngineEntry,
  EngineProgress,
  MeasuredSize,
  Measurement,
  MeasuringProgress
} from '../../src-preload/contract/engines.ts'
import { useClient } from '../client/holder.ts'
import { useCatalogue } from './catalogue.ts'

const working: readonly EngineProgress['state'][] = ['downloading', 'unpacking', 'building', 'verifying']

/** The engines of the host, an install in progress, and what was measured. */
export const useEngines = defineStore('engines', () => {
  const entries = shallowRef<readonly EngineEntry[]>([])
  const measurements = shallowRef<readonly Measurement[]>([])
  const loaded = shallowRef(false)
  const progress = shallowRef<EngineProgress | null>(null)
  const measuring = shallowRef<MeasuringProgress | null>(null)
  let stopMeasuring = new AbortController()

  async function load(): Promise<void> {
    const client = useClient()
    ;[entries.value, measurements.value] = await Promise.all([
      client.engines.list({}),
      client.engines.measurements({})
    ])
    loaded.value = true
  }

  /** Reads all anew once an engine has come or gone; the forms of other pages list engines too. */
  const refresh = async (): Promise<void> => void (await Promise.all([load(), useCatalogue().load()]))

  /**
   * Takes news of the install in.
   * @returns true when it has just come to an end
   */
  function take(news: EngineProgress): boolean {
    const was = progress.value
    progress.value = news
    return was !== null && working.includes(was.state) && !working.includes(news.state)
  }

  async function install(request: { gpu: boolean; wheels: string[] }): Promise<void> {
    take(await useClient().engines.install({ id: 'tensorflow', ...request }))
  }

  async function remove(): Promise<void> {
    await useClient().engines.remove({ id: 'tensorflow' })
    await refresh()
  }

  /** Measures sizes one after the other; each shows as soon as it is done. */
  async function measure(sizes: readonly MeasuredSize[]): Promise<void> {
    stopMeasuring = new AbortController()
    const [size] = sizes
    if (size === undefined) return
    measuring.value = { size, text: 'starting', share: 0, measurement: null }
    try {
      const asked = useClient().engines.measure({ sizes: [...sizes] }, stopMeasuring.signal)
      for await (const item of asked) {
        measuring.value = item
        if (item.measurement) measurements.value = await useClient().engines.measurements({})
      }
    } finally {
      measuring.value = null
    }
  }

  return {
    entries,
    measurements,
    loaded,
    progress,
    /** True while an install runs. */
    installing: computed(() => progress.value !== null && working.includes(progress.value.state)),
    /** What is being measured; null when nothing is. */
    measuring,
    load,
    refresh,
    take,
    install,
    cancel: async (): Promise<void> => void (await useClient().engines.cancel({ id: 'tensorflow' })),
    remove,
    measure,
    /** Measures no further size. */
    stopMeasuring: () => stopMeasuring.abort()
  }
})
