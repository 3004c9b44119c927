/** Arithmetic mean; NaN for no values and where one is NaN. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

/**
 * Sample standard deviation (divisor n - 1); NaN for fewer than two values. Deviations are taken from the first value before
 * they are centred, so that equal values give exactly 0 although their mean may be rounded.
 */
export function sampleDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return NaN
  const shifted = Float64Array.from(values, value => value - values[0])
  const centre = mean(shifted)
  let squares = 0
  for (const value of shifted) squares += (value - centre) ** 2
  return Math.sqrt(squares / (values.length - 1))
}
