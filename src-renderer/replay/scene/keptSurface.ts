import { BoxGeometry, Mesh, PerspectiveCamera, Scene } from 'three'
import { Ground } from './ground.ts'
import { BodyMaterial, newHaze } from './materials.ts'
import { Surface } from './surface.ts'
import { openContext } from './webgl.ts'

/** A graphics device should not be held by a page that draws nothing. */
const keptForMs = 5 * 60_000

let kept: Surface | null = null
let timer: ReturnType<typeof setTimeout> | undefined
let inUse = 0

function release(): Surface | null {
  clearTimeout(timer)
  const surface = kept
  kept = null
  return surface
}

/** Draws one of each kind of thing: its materials stay, and with them the programs that all stages use. */
function prepare({ renderer }: Surface): void {
  const haze = newHaze()
  const shapes = [1, 0.5].map(opacity => new Mesh(new BoxGeometry(), new BodyMaterial('#888', haze, opacity)))
  const camera = new PerspectiveCamera()
  camera.position.z = 5
  renderer.render(new Scene().add(new Ground(haze), ...shapes), camera)
}

function open(): Surface {
  const surface = new Surface(openContext())
  prepare(surface)
  return surface
}

/** Whether `takeSurface` would answer at once. */
export const hasSurface = (): boolean => kept?.usable ?? false

/**
 * A surface to draw on: the one that was kept, or a new one. It is the caller's until it is handed to `keepSurface`.
 * @throws Error where the browser gives no WebGL context
 */
export function takeSurface(): Surface {
  const found = release()
  if (!found?.usable) found?.dispose()
  const surface = found?.usable ? found : open()
  inUse++
  return surface
}

/** Takes a surface back for the next stage; one is kept, for some minutes. */
export function keepSurface(surface: Surface): void {
  inUse--
  if (hasSurface() || !surface.usable) return surface.dispose()
  release()?.dispose()
  kept = surface
  timer = setTimeout(() => release()?.dispose(), keptForMs)
}

/** Makes a surface ready ahead of the first replay; not while there is one, and without WebGL there is nothing to do. */
export function warmSurface(): void {
  if (hasSurface() || inUse > 0) return
  try {
    keepSurface(takeSurface())
  } catch {
    // The view says so when it is opened.
  }
}
