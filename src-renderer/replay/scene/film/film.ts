import { svgOf, type PictureSize } from './drawing.ts'
import { openEncoder, pngOf } from './encoders.ts'
import { filmName, filmProblem, frameTimes, type FilmSettings } from './plan.ts'
import type { FilmScene, Painter } from './subject.ts'

/** A made film and what its file is called. */
export interface Film {
  readonly blob: Blob
  readonly name: string
}

/** Lets the page breathe between two frames. */
const breath = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

/** The painter of a film; the code for robots is fetched where there are some. @throws Error where they have no WebGL */
async function openPainter(film: FilmScene, size: PictureSize): Promise<Painter> {
  if (film.kind === 'map') return (await import('./mapPainter.ts')).mapPainter(film, size)
  const { FilmPainter } = await import('./painter.ts')
  return new FilmPainter(film, size)
}

async function svgText(film: FilmScene, at: number, size: PictureSize): Promise<string> {
  if (film.kind === 'map') return svgOf((await import('./mapPicture.ts')).mapPicture(film, at, size), size)
  const { sceneSvg } = await import('../sceneSvg.ts')
  return sceneSvg(film.scene, film.tracks, film.stepsAt(at), film.colours, size, film.turn)
}

async function still(film: FilmScene, settings: FilmSettings): Promise<Blob> {
  const { format, from, width, height } = settings
  if (format === 'svg')
    return new Blob([await svgText(film, from, { width, height })], { type: 'image/svg+xml' })
  const painter = await openPainter(film, { width, height })
  try {
    painter.paint(from)
    return await pngOf(painter.canvas)
  } finally {
    painter.dispose()
  }
}

async function moving(
  film: FilmScene,
  settings: FilmSettings & { readonly format: 'webm' | 'gif' | 'frames' },
  onProgress: (share: number) => void,
  signal: AbortSignal
): Promise<Blob> {
  const times = frameTimes(settings)
  const { width, height } = settings
  const painter = await openPainter(film, { width, height })
  try {
    const encoder = await openEncoder(settings.format, painter.canvas, settings.framesPerSecond)
    try {
      for (const [index, at] of times.entries()) {
        signal.throwIfAborted()
        painter.paint(at)
        await encoder.add()
        onProgress((index + 1) / times.length)
        await breath()
      }
      return await encoder.finish()
    } catch (error) {
      await encoder.cancel()
      throw error
    }
  } finally {
    painter.dispose()
  }
}

/**
 * Makes the file of a replay: a film frame by frame from the clock, or one picture of the moment `from`.
 * @throws Error in a sentence for people; the signal's reason when aborted
 */
export async function makeFilm(
  film: FilmScene,
  settings: FilmSettings,
  onProgress: (share: number) => void,
  signal: AbortSignal
): Promise<Film> {
  const problem = filmProblem(settings)
  if (problem !== null) throw new Error(problem)
  const { format } = settings
  const blob =
    format === 'png' || format === 'svg'
      ? await still(film, settings)
      : await moving(film, { ...settings, format }, onProgress, signal)
  const names = film.tracks.map(({ name }) => name)
  return { blob, name: filmName(names, format) }
}
