import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import type { Track } from './track.ts'

type Shape = NonNullable<EnvironmentInfo['map']>['shapes'][number]

/** A block, a place or a word of a map, as it stands in an SVG. */
export interface PlacedShape {
  readonly kind: Shape['kind']
  readonly text: string
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Of the track whose it is; absent for what is common to all. */
  readonly colour?: string
}

/** Shapes of a map in the units of a drawing, in which y runs downwards. */
export const placeShapes = (
  shapes: readonly (Shape & { readonly colour?: string })[],
  toX: (x: number) => number,
  toY: (y: number) => number
): PlacedShape[] =>
  shapes.map(({ kind, text, x, y, width, height, colour }) => ({
    kind,
    text,
    left: toX(x - width / 2),
    top: toY(y + height / 2),
    width: toX(x + width / 2) - toX(x - width / 2),
    height: toY(y - height / 2) - toY(y + height / 2),
    ...(colour !== undefined && { colour })
  }))

/**
 * Shapes of a map under some tracks: where each of them recorded its own goal, that instead of the place where goals may lie. Goals
 * that differ have the colours of their tracks.
 */
export function shapesUnder(
  shapes: readonly Shape[],
  tracks: readonly Pick<Track, 'goal' | 'colour'>[]
): readonly (Shape & { readonly colour?: string })[] {
  const goals = tracks.flatMap(({ goal, colour }) => (goal === null ? [] : [{ ...goal, colour }]))
  if (goals.length === 0) return shapes
  const differ = new Set(goals.map(({ x, y, radius }) => [x, y, radius].join())).size > 1
  const own = (differ ? goals : goals.slice(0, 1)).map(({ x, y, radius, colour }) => ({
    // Letters of places that lie together would cover each other; their colours tell them apart.
    ...{ kind: 'goal' as const, text: differ ? '' : 'G', x, y, width: 2 * radius, height: 2 * radius },
    ...(differ && { colour })
  }))
  // Who recorded none has its goal somewhere in the common place.
  const common = goals.length < tracks.length ? shapes : shapes.filter(({ kind }) => kind !== 'goal')
  return [...common, ...own]
}
