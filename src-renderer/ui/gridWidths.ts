import { computed, shallowRef, type ComputedRef } from 'vue'
import type { GridColumn } from './gridRows.ts'

const narrowest = 40

export interface GridWidths {
  /** The value of grid-template-columns. */
  readonly template: ComputedRef<string>
  /** Sum of the least widths in pixels, below which the grid scrolls sideways. */
  readonly least: ComputedRef<number>
  /** Widens a column by pixels; it keeps that width from then on. */
  resize(key: string, by: number, shown: number): void
  /** Gives a column its own width back. */
  reset(key: string): void
}

function stored(storageKey: string | undefined): Record<string, number> {
  try {
    return storageKey ? (JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Record<string, number>) : {}
  } catch {
    return {}
  }
}

/** Column widths that the person can change, remembered under `name`. */
export function useGridWidths<Row>(
  columns: () => readonly GridColumn<Row>[],
  name: string | undefined,
  selectable: () => boolean
): GridWidths {
  const storageKey = name && `stitchwork.grid.${name}`
  const own = shallowRef(stored(storageKey))
  const keep = (next: Record<string, number>): void => {
    own.value = next
    if (storageKey) localStorage.setItem(storageKey, JSON.stringify(next))
  }
  const tracks = computed(() =>
    columns().map(column => {
      const width = own.value[column.key]
      if (width !== undefined) return `${width}px`
      return column.grow ? `minmax(${column.width}px, ${column.grow}fr)` : `${column.width}px`
    })
  )
  return {
    template: computed(() => [...(selectable() ? ['28px'] : []), ...tracks.value].join(' ')),
    least: computed(
      () =>
        columns().reduce((sum, column) => sum + (own.value[column.key] ?? column.width), 0) +
        (selectable() ? 28 : 0)
    ),
    resize: (key, by, shown) => keep({ ...own.value, [key]: Math.max(narrowest, Math.round(shown + by)) }),
    reset: key => keep(Object.fromEntries(Object.entries(own.value).filter(([each]) => each !== key)))
  }
}
