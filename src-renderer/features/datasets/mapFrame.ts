/** Where data lie on screen: x to the right, y upwards, in pixels of a frame. */
export interface MapFrame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly toX: (value: number) => number
  readonly toY: (value: number) => number
}

interface Interval {
  readonly low: number
  readonly high: number
}

const margin = { left: 44, right: 12, top: 10, bottom: 26 }
const span = ({ low, high }: Interval): number => (high > low ? high - low : 1)

/**
 * Fits two intervals into a box.
 * @param square true where both axes are lengths of one space: then one unit is as wide as it is high
 */
export function mapFrame(x: Interval, y: Interval, width: number, height: number, square: boolean): MapFrame {
  let inner = {
    width: Math.max(1, width - margin.left - margin.right),
    height: Math.max(1, height - margin.top - margin.bottom)
  }
  if (square) {
    const scale = Math.min(inner.width / span(x), inner.height / span(y))
    inner = { width: scale * span(x), height: scale * span(y) }
  }
  const { left, top } = margin
  return {
    left,
    top,
    ...inner,
    toX: value => left + ((value - x.low) / span(x)) * inner.width,
    toY: value => top + inner.height - ((value - y.low) / span(y)) * inner.height
  }
}

/**
 * Visits as pixels of a bins x bins picture, row 0 at the top: transparent where nothing was, stronger with the
 * logarithm of the count.
 * @param counts [bins, bins], row = y from below
 * @param colour red, green, blue of 0 to 255
 */
export function heatPixels(
  counts: ArrayLike<number>,
  bins: number,
  colour: readonly [number, number, number]
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(bins * bins * 4)
  let most = 1
  for (let i = 0; i < counts.length; i++) most = Math.max(most, counts[i] ?? 0)
  for (let row = 0; row < bins; row++) {
    for (let column = 0; column < bins; column++) {
      const count = counts[row * bins + column] ?? 0
      if (count <= 0) continue
      const at = ((bins - 1 - row) * bins + column) * 4
      pixels.set([...colour, 40 + 215 * (Math.log1p(count) / Math.log1p(most))], at)
    }
  }
  return pixels
}

/** The points of a path [n, 2] for an SVG polyline. */
export function pathPoints(points: ArrayLike<number>, frame: MapFrame): string {
  const parts: string[] = []
  for (let i = 0; i + 1 < points.length; i += 2) {
    parts.push(`${frame.toX(points[i] ?? 0).toFixed(1)},${frame.toY(points[i + 1] ?? 0).toFixed(1)}`)
  }
  return parts.join(' ')
}
