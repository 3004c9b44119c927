/** Each track in a picture of its own, or all of them in one. */
export const replayLayouts = ['side-by-side', 'ghosts'] as const
export type ReplayLayout = (typeof replayLayouts)[number]

/**
 * How many columns give `count` pictures of an aspect the most room.
 * @param aspect width over height of a picture
 */
export function columnsFor(count: number, width: number, height: number, aspect: number): number {
  let best = { columns: 1, size: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns)
    const size = Math.min(width / columns / aspect, height / rows)
    if (size >= best.size - 0.5) best = { columns, size }
  }
  return best.columns
}
