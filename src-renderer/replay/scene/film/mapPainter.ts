import { drawOn, type PictureSize } from './drawing.ts'
import { contextOf } from './encoders.ts'
import { mapPicture, type MapFilm } from './mapPicture.ts'
import type { Painter } from './subject.ts'

/** Draws the pictures of a film of a map on a canvas of its own. */
export function mapPainter(film: MapFilm, size: PictureSize): Painter {
  const canvas = Object.assign(document.createElement('canvas'), size)
  return {
    canvas,
    paint: at => drawOn(contextOf(canvas), mapPicture(film, at, size)),
    dispose: () => undefined
  }
}
