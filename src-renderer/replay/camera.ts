import type { SceneDescription } from '../../src-preload/contract/scene.ts'
import type { ReplayLayout } from './layout.ts'

/** What the camera may stay with: all that are in a picture (null), or one of them by its place. */
export interface CameraChoice {
  readonly value: number | null
  readonly label: string
}

/**
 * What there is to choose for the camera: ghosts can be followed one by one; robots of a large scene, such as a maze, each in its
 * picture. Empty where all choices show the same.
 * @param names of the tracks
 */
export function cameraChoices(
  scene: SceneDescription | null,
  names: readonly string[],
  layout: ReplayLayout
): readonly CameraChoice[] {
  if (scene === null) return []
  const together = layout === 'ghosts' && names.length > 1
  const large = scene.camera.follow === null
  if (!together && !large) return []
  const all = { value: null, label: together ? 'All robots' : 'Whole scene' }
  if (!together) return [all, { value: 0, label: names.length > 1 ? 'Each robot' : 'The robot' }]
  return [all, ...names.map((label, value) => ({ value, label }))]
}

/** What is shown of a choice that may be of other tracks. */
export const cameraShown = (choices: readonly CameraChoice[], chosen: number | null): number | null =>
  choices.some(choice => choice.value === chosen) ? chosen : null

/** The choice after it, round the end. */
export function nextCamera(choices: readonly CameraChoice[], chosen: number | null): number | null {
  const at = choices.findIndex(choice => choice.value === chosen)
  return choices[(at + 1) % Math.max(1, choices.length)]?.value ?? null
}
