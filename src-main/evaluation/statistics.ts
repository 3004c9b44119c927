/**
 * Statistics over seeds and tasks as rliable defines them (Agarwal et al. 2021, "Deep reinforcement learning at the edge of
 * the statistical precipice"; code read: `rliable/metrics.py`, `library.py`).
 * Differences:
 *   1. Scores are given task by task, so tasks may have different numbers of runs.
 *   2. A non-finite score makes a result NaN where it would change it, instead of being dropped.
 * A sample is the results of several seeds, never of several episodes of one run.
 */

import { mean, sampleDeviation } from '../base/moments.ts'

export { mean, sampleDeviation }

/** Scores of one algorithm, [tasks][runs]. */
export type TaskScores = readonly (readonly number[])[]

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Ascending copy. */
const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values).sort()

const hasNaN = (values: readonly number[]): boolean => values.some(Number.isNaN)

/**
 * Quantile with linear interpolation between order statistics (numpy's default).
 * @param ascending sorted values
 * @param share in [0, 1]
 */
export function quantileOf(ascending: ArrayLike<number>, share: number): number {
  if (ascending.length === 0) return NaN
  const position = share * (ascending.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, ascending.length - 1)
  const weight = position - below
  // equal neighbours may both be infinite, for which the interpolation would be NaN
  if (weight === 0 || ascending[below] === ascending[above]) return ascending[below]
  return ascending[below] + weight * (ascending[above] - ascending[below])
}

/** Median; the mean of the two middle values for an even count, NaN for no values. */
export const median = (values: readonly number[]): number =>
  hasNaN(values) ? NaN : quantileOf(sorted(values), 0.5)

/** Mean of the middle half: floor(n / 4) values are cut from each end (scipy `trim_mean`, 0.25). */
export function interquartileMean(values: readonly number[]): number {
  if (hasNaN(values)) return NaN
  const cut = Math.floor(0.25 * values.length)
  return mean([...sorted(values).subarray(cut, values.length - cut)])
}

/** Mean of the tasks' means. */
export const aggregateMean = (scores: TaskScores): number => mean(scores.map(mean))

/** Median of the tasks' means. */
export const aggregateMedian = (scores: TaskScores): number => median(scores.map(mean))

/** Interquartile mean of all runs of all tasks pooled. */
export const aggregateInterquartileMean = (scores: TaskScores): number => interquartileMean(scores.flat())

/**
 * How far scores fall short of a target: target - mean(min(score, target)) over all runs and tasks.
 * @param target in the unit of the scores; 100 for normalised scores
 */
export function optimalityGap(scores: TaskScores, target: number): number {
  return target - mean(scores.flat().map(score => Math.min(score, target)))
}

/** P(x > y) + P(x = y) / 2 over all pairs of two samples (Mann-Whitney U / (n m)); NaN when one is empty or holds NaN. */
export function probabilityOfSuperiority(x: readonly number[], y: readonly number[]): number {
  if (x.length === 0 || y.length === 0 || hasNaN(x) || hasNaN(y)) return NaN
  const wins = sum(x.map(a => sum(y.map(b => (a > b ? 1 : a === b ? 0.5 : 0)))))
  return wins / (x.length * y.length)
}

/**
 * Probability that a run of X beats one of Y, averaged over tasks.
 * @param x [tasks][runs]
 * @param y [tasks][runs], the same tasks in the same order
 */
export function probabilityOfImprovement(x: TaskScores, y: TaskScores): number {
  return mean(x.map((runs, task) => probabilityOfSuperiority(runs, y[task] ?? [])))
}

/**
 * Performance profile: the share of all runs of all tasks with a score above each threshold.
 * @returns [thresholds]
 */
export function performanceProfile(scores: TaskScores, thresholds: readonly number[]): number[] {
  const pooled = scores.flat()
  return thresholds.map(threshold => pooled.filter(score => score > threshold).length / pooled.length)
}
