import { WebGLRenderer } from 'three'
import { isSoftware } from './webgl.ts'

/**
 * A canvas with a WebGL context and the programs that were compiled in it: what is dear about a picture of robots. One stage after
 * the other may draw on it. Dispose it when done.
 */
export class Surface {
  readonly canvas: HTMLCanvasElement
  readonly renderer: WebGLRenderer
  readonly software: boolean
  #size = ''

  constructor(context: WebGL2RenderingContext) {
    this.canvas = context.canvas as HTMLCanvasElement
    this.software = isSoftware(context)
    this.renderer = new WebGLRenderer({ canvas: this.canvas, context })
    this.renderer.setScissorTest(true)
  }

  /** False once the context was lost. */
  get usable(): boolean {
    return !this.renderer.getContext().isContextLost()
  }

  /**
   * Sets the size of the picture. Nothing is done where it has that size: a new buffer waits for all that was drawn.
   * @param ratio device pixels a CSS pixel
   */
  resize(width: number, height: number, ratio: number): void {
    const size = [width, height, ratio].join(' ')
    if (size === this.#size) return
    this.#size = size
    this.renderer.setDrawingBufferSize(width, height, ratio)
  }

  /** Frees the context: its canvas cannot be drawn on again. */
  dispose(): void {
    const { usable } = this
    this.renderer.dispose()
    if (usable) this.renderer.forceContextLoss()
  }
}
