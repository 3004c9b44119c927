import { watch, type ShallowRef } from 'vue'

/**
 * Keeps the keyboard's place where a button gives way to another (Start to Cancel and back): when the focused element is gone, the
 * main button that came in its place, marked `data-main`, takes the focus.
 * @param place what holds the buttons
 * @param turn changes when they change
 */
export function keepFocus(place: Readonly<ShallowRef<HTMLElement | null>>, turn: () => boolean): void {
  let inside = false
  watch(turn, () => (inside = place.value?.contains(document.activeElement) === true), { flush: 'pre' })
  watch(
    turn,
    () => {
      if (inside && place.value?.contains(document.activeElement) !== true)
        place.value?.querySelector<HTMLElement>('[data-main]')?.focus()
    },
    { flush: 'post' }
  )
}
