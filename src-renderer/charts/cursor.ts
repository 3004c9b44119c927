import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

/** One cursor for all charts of a page, in x units of the data; the chart that is hovered shows the tooltip. */
export interface CursorBus {
  readonly x: ShallowRef<number | null>
  /** Id of the chart under the pointer. */
  readonly source: ShallowRef<string | null>
}

const key: InjectionKey<CursorBus> = Symbol('cursor')

/** Makes a cursor for the charts below this component. */
export function provideCursor(): CursorBus {
  const bus: CursorBus = { x: shallowRef<number | null>(null), source: shallowRef<string | null>(null) }
  provide(key, bus)
  return bus
}

/** The cursor of the page; a private one where none is provided. */
export const useCursor = (): CursorBus =>
  inject(key, () => ({ x: shallowRef<number | null>(null), source: shallowRef<string | null>(null) }), true)
