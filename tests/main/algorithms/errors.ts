/** Where two lists differ most, and by how much: |a - b| / max(1, |b|), infinite for one that is not finite. */
export interface Worst {
  readonly error: number
  readonly at: number
}

/** The worst place of two lists of equal length. @throws Error where their lengths differ */
export function worstOf(actual: ArrayLike<number>, expected: ArrayLike<number>): Worst {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, expected ${expected.length}`)
  let worst: Worst = { error: 0, at: 0 }
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs(actual[at] - expected[at]) / Math.max(1, Math.abs(expected[at]))
    if (!(error <= worst.error)) worst = { error: Number.isNaN(error) ? Infinity : error, at }
  }
  return worst
}

/** The largest error of all places. */
export const largestError = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  worstOf(actual, expected).error
