/** Text that fits a frame with room for its wrapping. */
const pageBytes = 600 * 1024

/** Splits items into pages whose JSON fits into a frame; one page at least, so that a stream's first item always comes. */
export function pagesOf<T>(items: readonly T[], limitBytes = pageBytes): T[][] {
  const pages: T[][] = [[]]
  let size = 0
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1
    if (size + bytes > limitBytes && size > 0) {
      pages.push([])
      size = 0
    }
    pages[pages.length - 1].push(item)
    size += bytes
  }
  return pages
}

/** As many of the first items as one frame holds, some 900 runs for example; whoever follows hears of all. */
export const fitting = <T>(items: readonly T[]): T[] => pagesOf(items)[0]
