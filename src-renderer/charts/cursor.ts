import { inject, provide, shallowRef, type InjectionKey, type Ref } from 'vue'

/** One cursor for all charts of a page, in x units of the data; the chart that is hovered shows the tooltip. */
export interface CursorBus {
  readonly x: Ref<number | null>
  /** Id of the chart under the pointer. */
  readonly source: Ref<string | null>
  /** Only the chart under the pointer tells its values. */
  readonly quiet?: boolean
}

const key: InjectionKey<CursorBus> = Symbol('cursor')

/** Makes a cursor for the charts below this component, or gives them the one that the caller moves. */
export function provideCursor(
  bus: CursorBus = { x: shallowRef<number | null>(null), source: shallowRef<string | null>(null) }
): CursorBus {
  provide(key, bus)
  return bus
}

/** The cursor of the page; a private one where none is provided. */
export const useCursor = (): CursorBus =>
  inject(key, () => ({ x: shallowRef<number | null>(null), source: shallowRef<string | null>(null) }), true)
