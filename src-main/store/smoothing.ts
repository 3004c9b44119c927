/**
 * Exponential moving mean without the pull towards 0 at the start: m_i = w m_(i-1) + (1 - w) x_i, shown as m_i / (1 - w^i).
 * Non-finite values are passed through and leave the mean as it is, so that one NaN does not swallow the rest of a curve.
 * @param values [n]
 * @param weight in [0, 1); 0 gives the values themselves
 * @returns [n]
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  let mean = 0
  let share = 0
  return values.map(value => {
    if (!Number.isFinite(value)) return value
    mean = weight * mean + (1 - weight) * value
    share = weight * share + (1 - weight)
    return mean / share
  })
}
