import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { follow } from '../client/follow.ts'

export interface Changes<T> {
  readonly changed: readonly T[]
  readonly removed: readonly string[]
}

export interface Followed<T> {
  readonly items: ComputedRef<readonly T[]>
  /** True once the host's list has arrived. */
  readonly loaded: ShallowRef<boolean>
  readonly get: (id: string | null) => T | null
  /** Takes changes in; a fresh stream begins with the whole list, so what it does not name is gone. */
  readonly take: (changes: Changes<T>, fresh?: boolean) => void
  /** Those that are not archived. */
  readonly active: ComputedRef<readonly T[]>
  /** Follows the host until the signal aborts, through lost connections. */
  readonly start: (
    signal: AbortSignal,
    opened: () => Promise<void>,
    onError: (error: unknown) => void
  ) => Promise<void>
}

interface Listed {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly archived: boolean
}

const newestFirst = (a: Listed, b: Listed): number =>
  b.createdAt - a.createdAt || a.name.localeCompare(b.name, undefined, { numeric: true })

/**
 * A list of the host, newest first, kept in step by a stream of changes.
 * @param open begins the stream
 */
export function followed<T extends Listed>(
  open: (signal: AbortSignal) => AsyncIterable<Changes<T>>
): Followed<T> {
  const byId = shallowRef<ReadonlyMap<string, T>>(new Map())
  const loaded = shallowRef(false)
  const items = computed(() => [...byId.value.values()].sort(newestFirst))
  const take = ({ changed, removed }: Changes<T>, fresh = false): void => {
    const next = new Map(fresh ? [] : byId.value)
    for (const item of changed) next.set(item.id, item)
    for (const id of removed) next.delete(id)
    byId.value = next
    loaded.value = true
  }
  return {
    items,
    active: computed(() => items.value.filter(item => !item.archived)),
    loaded,
    get: id => (id === null ? null : (byId.value.get(id) ?? null)),
    take,
    start: (signal, opened, onError) => follow({ open, onItem: take, signal, opened, onError })
  }
}
