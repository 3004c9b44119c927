import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'

type Shape = NonNullable<EnvironmentInfo['map']>['shapes'][number]

/** A block, a place or a word of a map, as it stands in an SVG. */
export interface PlacedShape {
  readonly kind: Shape['kind']
  readonly text: string
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Shapes of a map in the units of a drawing, in which y runs downwards. */
export const placeShapes = (
  shapes: readonly Shape[],
  toX: (x: number) => number,
  toY: (y: number) => number
): PlacedShape[] =>
  shapes.map(({ kind, text, x, y, width, height }) => ({
    kind,
    text,
    left: toX(x - width / 2),
    top: toY(y + height / 2),
    width: toX(x + width / 2) - toX(x - width / 2),
    height: toY(y - height / 2) - toY(y + height / 2)
  }))
