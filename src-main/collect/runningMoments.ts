/** Mean and variance of a stream of rows, a dimension each, in float64 (Welford's update). */
export class RunningMoments {
  readonly mean: Float64Array
  readonly #squares: Float64Array
  count = 0

  /** @param saved what `save` gave */
  constructor(size: number, saved?: Float64Array) {
    this.mean = new Float64Array(size)
    this.#squares = new Float64Array(size)
    if (saved === undefined) return
    this.count = saved[0]
    this.mean.set(saved.subarray(1, 1 + size))
    this.#squares.set(saved.subarray(1 + size))
  }

  /** All there is, [1 + 2 size]. */
  save(): Float64Array {
    return Float64Array.of(this.count, ...this.mean, ...this.#squares)
  }

  /** @param row [size] */
  add(row: ArrayLike<number>): void {
    this.count++
    for (let i = 0; i < this.mean.length; i++) {
      const gap = row[i] - this.mean[i]
      this.mean[i] += gap / this.count
      this.#squares[i] += gap * (row[i] - this.mean[i])
    }
  }

  /** Standard deviations, [size]; 1 before there are two rows. */
  deviation(): Float64Array {
    const { count } = this
    return this.#squares.map(square => (count < 2 ? 1 : Math.sqrt(square / count + 1e-8)))
  }
}

/** Observations whose mean and deviation were fixed at a moment, clipped to so many deviations. */
export interface ObservationScale {
  /** [size] */
  readonly mean: Float32Array
  /** [size] */
  readonly deviation: Float32Array
  /** In deviations; 10 when absent. */
  readonly clip?: number
}

/** The scale as of now. */
export const scaleOf = (moments: RunningMoments): ObservationScale => ({
  mean: Float32Array.from(moments.mean),
  deviation: Float32Array.from(moments.deviation())
})

/** Normalises rows in place. @param rows [n, size] */
export function normaliseRows(
  { mean, deviation, clip = 10 }: ObservationScale,
  rows: Float32Array
): Float32Array {
  const size = mean.length
  for (let i = 0; i < rows.length; i++) {
    const value = (rows[i] - mean[i % size]) / deviation[i % size]
    rows[i] = Math.min(Math.max(value, -clip), clip)
  }
  return rows
}
