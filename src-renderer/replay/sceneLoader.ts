import { defineAsyncComponent } from 'vue'

const load = () => import('./scene/SceneView.vue')

/** The three-dimensional picture; its code is not in the page's start. */
export const SceneView = defineAsyncComponent(load)

/** Saves films and pictures of it. */
export const ExportMenu = defineAsyncComponent(() => import('./scene/ExportMenu.vue'))

/** Fetches that code ahead of the first replay; a failure shows when it is needed. */
export const prefetchScene = (): void => void load().catch(() => undefined)
