/**
 * Debiased exponential mean (as in TensorBoard): s <- w s + (1 - w) y, divided by 1 - w^n. Non-finite points are skipped
 * and keep the last value, so that one NaN does not erase the rest.
 * @param weight in [0, 1); 0 returns the values unchanged
 */
export function smooth(y: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return y
  const out = new Float64Array(y.length)
  let sum = 0
  let bias = 0
  y.forEach((value, i) => {
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value
      bias = weight * bias + (1 - weight)
    }
    out[i] = bias === 0 ? NaN : sum / bias
  })
  return out
}
