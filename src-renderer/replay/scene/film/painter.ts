import type { SceneDescription } from '../../../../src-preload/contract/scene.ts'
import { goesOn, type CameraTurn } from '../camera.ts'
import type { SceneColours } from '../colours.ts'
import { panesOf, type SceneLayout } from '../panes.ts'
import { SceneStage, type SceneTrack } from '../stage.ts'
import { contextOf } from './encoders.ts'
import type { FilmClock, Painter } from './subject.ts'

/** What a film of robots shows. */
export interface RobotFilm extends FilmClock {
  readonly kind: 'robots'
  readonly scene: SceneDescription
  readonly tracks: readonly SceneTrack[]
  readonly layout: SceneLayout
  readonly colours: SceneColours
  readonly turn?: CameraTurn
}

/** Draws the pictures of a film on a canvas of its own: robots, their names and colours, and the clock. */
export class FilmPainter implements Painter {
  readonly canvas = document.createElement('canvas')
  readonly #stage: SceneStage
  readonly #picture = document.createElement('canvas')
  readonly #film: RobotFilm
  readonly #size: { readonly width: number; readonly height: number }

  /** @throws Error where the browser gives no WebGL context */
  constructor(film: RobotFilm, size: { readonly width: number; readonly height: number }) {
    this.#film = film
    this.#size = size
    this.canvas.width = size.width
    this.canvas.height = size.height
    this.#stage = new SceneStage(this.#picture, film.scene, film.colours)
    this.#stage.setTracks(film.tracks)
    this.#stage.resize(size.width, size.height, 1)
  }

  /** Draws the moment `at`. */
  paint(at: number): void {
    const { layout, turn, stepsAt, clockText, colours } = this.#film
    const steps = stepsAt(at)
    this.#stage.render({ steps, layout, turn })
    const context = contextOf(this.canvas)
    // Between the panes nothing is drawn.
    context.fillStyle = colours.line
    context.fillRect(0, 0, this.#size.width, this.#size.height)
    // Read in the same task: the picture is gone when the browser has shown it.
    context.drawImage(this.#picture, 0, 0)
    context.font = `${this.#fontSize()}px sans-serif`
    context.textBaseline = 'top'
    this.#names(context, steps)
    context.fillStyle = colours.text
    context.textAlign = 'right'
    context.fillText(clockText(at), this.#size.width - 8, this.#size.height - this.#fontSize() - 8)
    context.textAlign = 'left'
  }

  #fontSize(): number {
    return Math.max(11, Math.round(this.#size.height / 34))
  }

  #names(context: CanvasRenderingContext2D, steps: readonly number[]): void {
    const { tracks, layout, colours } = this.#film
    const line = this.#fontSize() * 1.4
    const panes = panesOf(tracks.length, layout, this.#size)
    panes.forEach(pane =>
      pane.tracks.forEach((index, place) => {
        const track = tracks[index]!
        const [x, y] = [pane.x + 8, pane.y + 8 + place * line]
        context.fillStyle = track.colour
        context.fillRect(x, y + 1, line * 0.55, line * 0.55)
        context.fillStyle = colours.text
        const ended = !goesOn({ step: steps[index] ?? 0, length: track.length }) ? ' (ended)' : ''
        context.fillText(track.name + ended, x + line * 0.8, y, pane.width - line)
      })
    )
  }

  dispose(): void {
    this.#stage.dispose()
  }
}
