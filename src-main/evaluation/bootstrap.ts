import { fillIntegers } from '../base/random.ts'
import { quantileOf } from './statistics.ts'
import type { TaskScores } from './statistics.ts'

interface Interval {
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly seed: number
  readonly replications: number
  /** Coverage, such as 0.95. */
  readonly level: number
}

const defaultBootstrap: BootstrapOptions = { seed: 0, replications: 5000, level: 0.95 }

/** Percentile intervals by resampling; it keeps its draws, so that many samples of one size cost one drawing. */
export interface Bootstrap {
  /**
   * Interval of a statistic, runs resampled with replacement inside each task (strata).
   * @returns NaN bounds where the statistic of a resample is NaN, or where no task has two runs: one run has no spread
   */
  interval(scores: TaskScores, statistic: (scores: TaskScores) => number): Interval
  /** Interval of the mean of one sample, the same as `interval([values], aggregateMean)` in a fraction of the time. */
  meanInterval(values: readonly number[]): Interval
  /** Interval of a statistic of two algorithms, resampled independently of each other. */
  pairInterval(x: TaskScores, y: TaskScores, statistic: (x: TaskScores, y: TaskScores) => number): Interval
}

const unknown: Interval = { low: NaN, high: NaN }

function percentiles(values: Float64Array, level: number): Interval {
  if (values.some(Number.isNaN)) return unknown
  values.sort()
  return { low: quantileOf(values, (1 - level) / 2), high: quantileOf(values, (1 + level) / 2) }
}

/**
 * A bootstrap with fixed draws: equal options and sizes give equal intervals.
 * @param options seed, replications and coverage
 */
export function createBootstrap(options: BootstrapOptions = defaultBootstrap): Bootstrap {
  const { seed, replications, level } = options
  const drawn = new Map<string, Int32Array>()

  /** Run indices of every replication, [replications, runs]. */
  function drawsOf(sample: string, task: number, runs: number): Int32Array {
    const key = `bootstrap/${sample}/${task}/${runs}`
    const known = drawn.get(key)
    if (known !== undefined) return known
    const indices = new Int32Array(replications * runs)
    fillIntegers(indices, runs, { seed, stream: key, step: 0 })
    drawn.set(key, indices)
    return indices
  }

  function resampler(sample: string, scores: TaskScores): (replication: number) => number[][] {
    const draws = scores.map((runs, task) => drawsOf(sample, task, runs.length))
    return replication =>
      scores.map((runs, task) => runs.map((_, run) => runs[draws[task][replication * runs.length + run]]))
  }

  const spreads = (scores: TaskScores): boolean => scores.some(runs => runs.length > 1)

  return {
    interval(scores, statistic) {
      if (!spreads(scores)) return unknown
      const resample = resampler('x', scores)
      return percentiles(
        Float64Array.from({ length: replications }, (_, index) => statistic(resample(index))),
        level
      )
    },
    meanInterval(values) {
      if (values.length < 2) return unknown
      const draws = drawsOf('x', 0, values.length)
      const means = new Float64Array(replications)
      for (let replication = 0, draw = 0; replication < replications; replication++) {
        let total = 0
        for (let run = 0; run < values.length; run++) total += values[draws[draw++]]
        means[replication] = total / values.length
      }
      return percentiles(means, level)
    },
    pairInterval(x, y, statistic) {
      if (!spreads(x) && !spreads(y)) return unknown
      const [resampleX, resampleY] = [resampler('x', x), resampler('y', y)]
      const values = Float64Array.from({ length: replications }, (_, index) =>
        statistic(resampleX(index), resampleY(index))
      )
      return percentiles(values, level)
    }
  }
}
