import { shallowRef } from 'vue'

/** Whether the Ctrl+K palette is open. */
export const paletteOpen = shallowRef(false)
/** Whether the overlay with the keys is open. */
export const helpOpen = shallowRef(false)
