import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import type { SceneColours } from './colours.ts'
import { keepSurface, takeSurface } from './keptSurface.ts'
import { SceneStage, type Frame, type SceneTrack } from './stage.ts'
import type { Surface } from './surface.ts'

/** What is on a stage, asked again whenever it is set anew. */
export interface Shown {
  readonly scene: () => SceneDescription
  readonly tracks: () => readonly SceneTrack[]
  readonly colours: () => SceneColours
  readonly frame: () => Frame
}

/** A stage in an element, on the surface that the last picture left behind, from `open` to `close`. */
export class Picture {
  readonly #shown: Shown
  readonly #onLost: () => void
  #host: HTMLElement | null = null
  #surface: Surface | null = null
  #stage: SceneStage | null = null
  #frame: number | null = null
  #stale = false

  /** @param onLost called when the graphics device went away; the picture is closed then */
  constructor(shown: Shown, onLost: () => void) {
    this.#shown = shown
    this.#onLost = onLost
  }

  /** @throws Error where the browser gives no WebGL context */
  open(host: HTMLElement): void {
    this.close()
    this.#surface = takeSurface()
    this.#host = host
    this.#surface.canvas.addEventListener('webglcontextlost', this.#lost)
    host.append(this.#surface.canvas)
    this.setScene()
  }

  setScene(): void {
    if (this.#surface === null) return
    this.#stage?.dispose()
    this.#stage = new SceneStage(this.#surface, this.#shown.scene(), this.#shown.colours())
    this.setTracks()
  }

  setTracks(): void {
    this.#stage?.setTracks(this.#shown.tracks())
    this.draw()
  }

  setColours(): void {
    this.#stage?.setColours(this.#shown.colours())
    this.draw()
  }

  /** Draws with the next frame of the screen, once however often it is called. */
  draw(): void {
    this.#stale = true
    this.#await()
  }

  /**
   * After a picture one more frame is awaited, which draws only what is stale by then: asked for ahead of it, it comes after the clock
   * of that frame. A picture asked for by the clock itself would always be a frame late, or every second one.
   */
  #await(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      if (!this.#stale) return
      this.#stale = false
      this.#drawNow()
      this.#await()
    })
  }

  #drawNow(): void {
    // Asked here, the size is that of this very frame.
    const { clientWidth: width, clientHeight: height } = this.#host ?? { clientWidth: 0, clientHeight: 0 }
    if (width === 0 || height === 0) return
    this.#stage?.resize(width, height, this.#surface?.software ? 1 : Math.min(2, devicePixelRatio))
    this.#stage?.render(this.#shown.frame())
  }

  readonly #lost = (event: Event): void => {
    event.preventDefault()
    this.close()
    this.#onLost()
  }

  /** Leaves the surface to the next picture. */
  close(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.#stage?.dispose()
    this.#stage = null
    this.#host = null
    const surface = this.#surface
    this.#surface = null
    if (surface === null) return
    surface.canvas.removeEventListener('webglcontextlost', this.#lost)
    surface.canvas.remove()
    keepSurface(surface)
  }
}
