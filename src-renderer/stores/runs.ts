import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { Run } from '../../src-preload/contract/runs.ts'
import { follow } from '../client/follow.ts'
import { useClient } from '../client/holder.ts'
import { followed } from './followed.ts'

/** Every run of the host, newest first, kept up to date by one stream. */
export const useRuns = defineStore('runs', () => {
  const list = followed<Run>(
    (a, b) => b.createdAt - a.createdAt || a.name.localeCompare(b.name, undefined, { numeric: true })
  )

  /** Follows the host until the signal aborts, through lost connections. */
  const start = (
    signal: AbortSignal,
    opened: () => Promise<void>,
    onError: (error: unknown) => void
  ): Promise<void> =>
    follow({ open: stop => useClient().runs.follow({}, stop), onItem: list.take, signal, opened, onError })

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
