import { nextTick, onBeforeUnmount, onMounted, shallowRef, watch, type ShallowRef } from 'vue'
import { hasSurface } from './keptSurface.ts'
import { Picture, type Shown } from './picture.ts'

/**
 * Draws robots in an element for the life of the calling component, whenever what is shown changes.
 * @param host where the canvas goes; it may come and go
 * @param size in CSS pixels
 * @returns why there is no picture, null while there is one; and what tries once more
 */
export function usePicture(
  host: Readonly<ShallowRef<HTMLElement | null>>,
  shown: Shown,
  size: () => readonly [width: number, height: number]
): { readonly problem: ShallowRef<string | null>; readonly again: () => Promise<void> } {
  const problem = shallowRef<string | null>(null)
  const picture = new Picture(shown, () => {
    problem.value = 'The graphics device was lost: the picture is drawn flat.'
  })
  function open(): void {
    if (host.value === null) return
    try {
      picture.open(host.value)
    } catch {
      problem.value = 'This window has no WebGL: the picture is drawn flat.'
    }
  }
  onMounted(() => {
    if (hasSurface()) return open()
    // A new context takes longer than all else: what is beside the picture is shown first.
    requestAnimationFrame(() => setTimeout(open))
  })
  onBeforeUnmount(() => picture.close())
  watch(shown.scene, () => picture.setScene())
  watch(shown.tracks, () => picture.setTracks())
  watch(shown.colours, () => picture.setColours())
  watch([size, shown.frame], () => picture.draw())

  async function again(): Promise<void> {
    problem.value = null
    await nextTick()
    open()
  }
  return { problem, again }
}
