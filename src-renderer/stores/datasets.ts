import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { Dataset } from '../../src-preload/contract/datasets.ts'
import { follow } from '../client/follow.ts'
import { useClient } from '../client/holder.ts'
import { followed } from './followed.ts'

/** Every dataset of the host, newest first, kept up to date by one stream. */
export const useDatasets = defineStore('datasets', () => {
  const list = followed<Dataset>(
    (a, b) => b.createdAt - a.createdAt || a.name.localeCompare(b.name, undefined, { numeric: true })
  )

  /** Follows the host until the signal aborts, through lost connections. */
  const start = (
    signal: AbortSignal,
    opened: () => Promise<void>,
    onError: (error: unknown) => void
  ): Promise<void> =>
    follow({
      open: stop => useClient().datasets.follow({}, stop),
      onItem: list.take,
      signal,
      opened,
      onError
    })

  return {
    all: list.items,
    /** Those that are not archived. */
    active: computed(() => list.items.value.filter(item => !item.archived)),
    loaded: list.loaded,
    get: list.get,
    take: list.take,
    start
  }
})
