/** Each track in a picture of its own, or all of them in one. */
export const replayLayouts = ['side-by-side', 'ghosts'] as const
export type ReplayLayout = (typeof replayLayouts)[number]

/**
 * How many columns give `count` pictures of an aspect the most room; of equal ones those with the fewest empty places.
 * @param aspect width over height of a picture
 */
export function columnsFor(count: number, width: number, height: number, aspect: number): number {
  const all = Array.from({ length: count }, (_, i) => {
    const columns = i + 1
    const rows = Math.ceil(count / columns)
    return { columns, empty: columns * rows - count, size: Math.min(width / columns / aspect, height / rows) }
  })
  const most = Math.max(0, ...all.map(entry => entry.size))
  const best = all
    .filter(entry => entry.size >= most - 0.5)
    .sort((a, b) => a.empty - b.empty || b.columns - a.columns)[0]
  return best?.columns ?? 1
}
