import type { ReplayLayout } from '../../layout.ts'
import {
  anchorOn,
  aspectOf,
  extentOf,
  headOn,
  mapOpacities,
  mapSizes,
  pathOn,
  type MapPath,
  type ReplayMap
} from '../../mapPaths.ts'
import { placeShapes, shapesUnder } from '../../mapShapes.ts'
import type { Track } from '../../track.ts'
import { panesOf, type Pane } from '../panes.ts'
import type { DrawnShape, PictureSize } from './drawing.ts'
import type { MapColours } from './mapColours.ts'
import type { FilmClock } from './subject.ts'

/** What a film of a map shows. */
export interface MapFilm extends FilmClock {
  readonly kind: 'map'
  readonly map: ReplayMap
  readonly tracks: readonly Track[]
  readonly layout: ReplayLayout
  readonly colours: MapColours
}

interface Area extends PictureSize {
  readonly x: number
  readonly y: number
}
/** Pixels of the map's units. */
interface Scale {
  readonly area: Area
  /** Pixels of a hundredth of the map's longer side. */
  readonly unit: number
  readonly toX: (x: number) => number
  readonly toY: (y: number) => number
}

const lineOf = (fontSize: number): number => fontSize * 1.5
const fontSizeOf = ({ height }: PictureSize): number => Math.max(11, Math.round(height / 34))
/** Widths are not measured, so that files are equal on all machines. */
const roughWidth = (text: string, fontSize: number): number => text.length * fontSize * 0.56

/** The largest place of a map's shape in an area, in its middle. */
function fit(map: ReplayMap, { x, y, width, height }: Area): Scale {
  const aspect = aspectOf(map)
  const wide = Math.min(width, height * aspect)
  const area = { width: wide, height: wide / aspect }
  const [left, top] = [x + (width - area.width) / 2, y + (height - area.height) / 2]
  const extent = extentOf(map)
  const pixels = area.width / extent.width
  return {
    area: { ...area, x: left, y: top },
    unit: (Math.max(extent.width, extent.height) / 100) * pixels,
    toX: value => left + (value - map.xRange[0]) * pixels,
    toY: value => top + (map.yRange[1] - value) * pixels
  }
}

const margin = 8

/** Where a pane's names stand: beside its map or above it, whichever leaves the map more room. */
function divide(pane: Pane, names: readonly string[], map: ReplayMap, fontSize: number): Scale {
  const inner: Area = {
    ...{ x: pane.x + margin, y: pane.y + margin },
    ...{ width: Math.max(1, pane.width - 2 * margin), height: Math.max(1, pane.height - 2 * margin) }
  }
  const longest = Math.max(0, ...names.map(name => roughWidth(name, fontSize)))
  const side = Math.min(inner.width * 0.4, longest + 2 * fontSize)
  const head = names.length * lineOf(fontSize)
  const beside = fit(map, { ...inner, x: inner.x + side, width: Math.max(1, inner.width - side) })
  const below = fit(map, { ...inner, y: inner.y + head, height: Math.max(1, inner.height - head) })
  return beside.unit > below.unit ? beside : below
}

const ended = (track: Track, step: number): boolean => step >= track.length

function namesOf(pane: Pane, film: MapFilm, steps: readonly number[], fontSize: number): DrawnShape[] {
  const square = fontSize * 0.75
  return pane.tracks.flatMap((index, place): DrawnShape[] => {
    const track = film.tracks[index]!
    const middle = pane.y + margin + (place + 0.5) * lineOf(fontSize)
    const left = pane.x + margin
    const text = track.name + (ended(track, steps[index] ?? 0) ? ' (ended)' : '')
    const box = { left, top: middle - square / 2, width: square, height: square }
    return [
      { kind: 'rect', ...box, fill: track.colour },
      {
        ...{ kind: 'text', text, x: left + square * 1.5, y: middle, fontSize, anchor: 'start' },
        ...{ maxWidth: pane.width - 2 * margin - square * 1.5, fill: film.colours.text }
      }
    ]
  })
}

function placesOn(film: MapFilm, tracks: readonly Track[], scale: Scale): DrawnShape[] {
  const { colours } = film
  const shapes = placeShapes(shapesUnder(film.map.shapes, tracks), scale.toX, scale.toY)
  const strokeWidth = scale.unit * mapSizes.outline
  const places = shapes.flatMap(({ kind, left, top, width, height, colour }): DrawnShape[] => {
    const box = { left, top, width, height }
    if (kind === 'label') return []
    if (kind === 'block') return [{ kind: 'rect', ...box, fill: colours.block }]
    const stroke = colour ?? colours[kind]
    const inside = kind === 'start' ? {} : { fill: stroke, fillOpacity: mapOpacities.filledPlace }
    return [{ kind: 'ellipse', ...box, ...inside, stroke, strokeWidth }]
  })
  const words = shapes
    .filter(({ text }) => text !== '')
    .map(({ text, left, top, width, height }): DrawnShape => ({
      ...{ kind: 'text', text, x: left + width / 2, y: top + height / 2, anchor: 'middle' },
      ...{ fontSize: scale.unit * mapSizes.word, fill: colours.text },
      ...{ stroke: colours.paper, strokeWidth: strokeWidth * 2 }
    }))
  return [...places, ...words]
}

const pointsOf = ({ xs, ys }: MapPath, { toX, toY }: Scale): Float64Array =>
  Float64Array.from({ length: 2 * xs.length }, (_, i) => (i % 2 === 0 ? toX(xs[i >> 1]!) : toY(ys[i >> 1]!)))

function headOf(film: MapFilm, track: Track, path: MapPath, step: number, scale: Scale): DrawnShape[] {
  const { unit, toX, toY } = scale
  const head = headOn(path, step)
  const [x, y] = [toX(head.x), toY(head.y)]
  const opacity = ended(track, step) ? mapOpacities.ended : 1
  const radius = unit * mapSizes.head
  const done = pointsOf({ xs: path.xs.subarray(0, head.passed), ys: path.ys.subarray(0, head.passed) }, scale)
  const shapes: DrawnShape[] = [
    {
      ...{ kind: 'line', points: [...done, x, y] },
      ...{ stroke: track.colour, strokeWidth: unit * mapSizes.donePath, opacity }
    },
    {
      ...{ kind: 'ellipse', left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius },
      ...{ fill: track.colour, stroke: film.colours.paper, strokeWidth: unit * mapSizes.headEdge, opacity }
    }
  ]
  if (!ended(track, step) || track.outcome === '') return shapes
  const word: DrawnShape = {
    ...{ kind: 'text', text: track.outcome, x, y: y - unit * mapSizes.outcomeAbove },
    ...{ fontSize: unit * mapSizes.word, anchor: anchorOn(film.map, head.x), fill: film.colours.text },
    ...{ stroke: film.colours.floor, strokeWidth: unit * mapSizes.outcomeHalo }
  }
  return [...shapes, word]
}

function paneOf(film: MapFilm, pane: Pane, steps: readonly number[], fontSize: number): DrawnShape[] {
  const tracks = pane.tracks.map(index => film.tracks[index]!)
  const scale = divide(
    pane,
    tracks.map(track => `${track.name} (ended)`),
    film.map,
    fontSize
  )
  const { x, y, ...size } = scale.area
  const floor = { left: x, top: y, ...size }
  const paths = tracks.map(track => pathOn(film.map, track))
  const whole = paths.map((path, i): DrawnShape => ({
    ...{ kind: 'line', points: pointsOf(path, scale), stroke: tracks[i]!.colour },
    ...{ strokeWidth: scale.unit * mapSizes.wholePath, opacity: mapOpacities.wholePath }
  }))
  const heads = paths.flatMap((path, i) => headOf(film, tracks[i]!, path, steps[pane.tracks[i]!] ?? 0, scale))
  return [
    { kind: 'rect', ...floor, fill: film.colours.floor },
    // A path may leave the map.
    { kind: 'clip', ...floor, shapes: [...placesOn(film, tracks, scale), ...whole, ...heads] },
    ...namesOf(pane, film, steps, fontSize)
  ]
}

/** A moment of a map as shapes: a pane a track or one for all, their names, and the clock below. */
export function mapPicture(film: MapFilm, at: number, size: PictureSize): DrawnShape[] {
  const steps = film.stepsAt(at)
  const fontSize = fontSizeOf(size)
  const room = { width: size.width, height: size.height - lineOf(fontSize) }
  const panes = panesOf(film.tracks.length, film.layout, room, aspectOf(film.map))
  return [
    { kind: 'rect', left: 0, top: 0, ...size, fill: film.colours.paper },
    ...panes.flatMap(pane => paneOf(film, pane, steps, fontSize)),
    {
      ...{ kind: 'text', text: film.clockText(at), anchor: 'end', fontSize, fill: film.colours.muted },
      ...{ x: size.width - margin, y: size.height - lineOf(fontSize) / 2 - 2 }
    }
  ]
}
