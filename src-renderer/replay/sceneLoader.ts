import { defineAsyncComponent } from 'vue'

const load = () => import('./scene/SceneView.vue')

/** The three-dimensional picture; its code is not in the page's start. */
export const SceneView = defineAsyncComponent(load)

/** Saves films and pictures of it. */
export const ExportMenu = defineAsyncComponent(() => import('./scene/ExportMenu.vue'))

/**
 * Fetches that code ahead of the next replay and makes a surface ready once the page has nothing else to do; a failure shows when
 * it is needed.
 */
export const prefetchScene = (): void =>
  void load()
    .then(() => import('./scene/keptSurface.ts'))
    .then(({ warmSurface }) => whenIdle(warmSurface))
    .catch(() => undefined)

const whenIdle = (run: () => void): void => void (globalThis.requestIdleCallback ?? setTimeout)(run)
