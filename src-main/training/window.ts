import type { WindowState } from './snapshot.ts'

/** Means of the step metrics between two log points; sums are float64 in step order, so they do not depend on K. */
export class MetricWindow {
  readonly #names: readonly string[]
  #count: number
  #sums: Float64Array

  constructor(names: readonly string[], from: WindowState | null) {
    this.#names = names
    this.#count = from?.count ?? 0
    this.#sums = Float64Array.from(from?.sums ?? new Array<number>(names.length).fill(0))
  }

  /** Steps since the last log point. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds the metrics of consecutive steps.
   * @param metrics [steps, metrics], step-major
   */
  add(metrics: Float32Array, steps: number): void {
    const width = this.#names.length
    for (let step = 0; step < steps; step++) {
      for (let metric = 0; metric < width; metric++) this.#sums[metric] += metrics[step * width + metric]
    }
    this.#count += steps
  }

  /** Means by metric name since the last log point; starts the next window. */
  take(): Readonly<Record<string, number>> {
    const means = this.#names.map((name, i) => [name, this.#sums[i] / this.#count] as const)
    this.#count = 0
    this.#sums = new Float64Array(this.#names.length)
    return Object.fromEntries(means)
  }

  /** A copy for a checkpoint. */
  state(): WindowState {
    return { count: this.#count, sums: [...this.#sums] }
  }
}
