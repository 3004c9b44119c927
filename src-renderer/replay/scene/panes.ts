/** A picture a track, or all of them in one. */
export type SceneLayout = 'side-by-side' | 'ghosts'

export interface Pane {
  /** In CSS pixels from the top left. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Tracks that it shows; the camera follows the first. */
  readonly tracks: readonly number[]
}

const gap = 2
/** Width over height that suits a robot which walks across the picture. */
const wantedAspect = 1.5

/**
 * How a stage is divided: one pane for ghosts, else a grid.
 * @param aspect width over height to which the panes of a grid are as near as can be
 */
export function panesOf(
  count: number,
  layout: SceneLayout,
  size: { readonly width: number; readonly height: number },
  aspect = wantedAspect
): readonly Pane[] {
  const all = Array.from({ length: count }, (_, index) => index)
  if (layout === 'ghosts' || count <= 1) return [{ x: 0, y: 0, ...size, tracks: all }]
  const columns = columnsOf(count, size, aspect)
  const rows = Math.ceil(count / columns)
  const width = (size.width - gap * (columns - 1)) / columns
  const height = (size.height - gap * (rows - 1)) / rows
  return all.map(index => ({
    x: (index % columns) * (width + gap),
    y: Math.floor(index / columns) * (height + gap),
    ...{ width, height, tracks: [index] }
  }))
}

function columnsOf(
  count: number,
  { width, height }: { readonly width: number; readonly height: number },
  wanted: number
): number {
  const off = (columns: number): number => {
    const rows = Math.ceil(count / columns)
    const aspect = width / columns / (height / rows)
    const empty = columns * rows - count
    return Math.abs(Math.log(aspect / wanted)) + 0.2 * empty
  }
  const choices = Array.from({ length: count }, (_, index) => index + 1)
  return choices.reduce((best, columns) => (off(columns) < off(best) ? columns : best), 1)
}

/** How solid a robot is drawn: the first of a pane wholly, its ghosts by half, and less once an episode among several has ended. */
export const opacityOf = (place: number, ended: boolean): number =>
  (place === 0 ? 1 : 0.5) * (ended ? 0.5 : 1)
