import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'

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
}

/** A list kept in step with a stream of changes; items stay in the order of `compare`. */
export function followed<T extends { readonly id: string }>(compare: (a: T, b: T) => number): Followed<T> {
  const byId = shallowRef<ReadonlyMap<string, T>>(new Map())
  const loaded = shallowRef(false)
  return {
    items: computed(() => [...byId.value.values()].sort(compare)),
    loaded,
    get: id => (id === null ? null : (byId.value.get(id) ?? null)),
    take({ changed, removed }, fresh = false) {
      const next = new Map(fresh ? [] : byId.value)
      for (const item of changed) next.set(item.id, item)
      for (const id of removed) next.delete(id)
      byId.value = next
      loaded.value = true
    }
  }
}
