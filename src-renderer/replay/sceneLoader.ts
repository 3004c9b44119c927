import { defineAsyncComponent } from 'vue'

const load = () => import('./scene/SceneView.vue')

/** The three-dimensional picture; its code is not in the page's start. */
export const SceneView = defineAsyncComponent(load)

/** Fetches that code ahead of the first replay; a failure shows when it is needed. */
export const prefetchScene = (): void => void load().catch(() => undefined)
