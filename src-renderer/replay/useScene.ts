import { shallowRef, watch, type ShallowRef } from 'vue'
import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import type { SceneDescription } from '../../src-preload/contract/scene.ts'
import { prefetchScene } from './sceneLoader.ts'

type SceneClient = Pick<Client<StitchworkContract>, 'environments'>

/** Scenes never change while the page is open: each is asked for once. */
const known = new WeakMap<SceneClient, Map<string, Promise<SceneDescription | null>>>()

function sceneOf(client: SceneClient, environmentId: string): Promise<SceneDescription | null> {
  const scenes = known.get(client) ?? new Map<string, Promise<SceneDescription | null>>()
  known.set(client, scenes)
  const asked = scenes.get(environmentId) ?? client.environments.scene({ environmentId })
  scenes.set(environmentId, asked)
  // A failed request is made again next time.
  asked.catch(() => scenes.delete(environmentId))
  return asked
}

/** The scene of an environment, null while it loads and for environments without. */
export function useScene(
  client: SceneClient,
  environment: () => EnvironmentInfo | null,
  onError: (error: unknown) => void
): ShallowRef<SceneDescription | null> {
  const scene = shallowRef<SceneDescription | null>(null)
  watch(
    () => (environment()?.hasScene ? (environment()?.id ?? '') : ''),
    async id => {
      scene.value = null
      if (id === '') return
      prefetchScene()
      try {
        const found = await sceneOf(client, id)
        if (environment()?.id === id) scene.value = found
      } catch (error) {
        onError(error)
      }
    },
    { immediate: true }
  )
  return scene
}
