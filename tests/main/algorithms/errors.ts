/** The largest |a - b| / max(1, |b|); infinite for one that is not finite. Lengths must be equal. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, expected ${expected.length}`)
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error
  }
  return worst
}
