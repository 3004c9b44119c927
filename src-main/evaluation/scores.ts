import type { ScoreReference } from '../../src-preload/contract/datasets.ts'
import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'

/**
 * The reference that a run's scores use: the dataset's own, which D4RL's and Minari's files carry or their names imply, else
 * the measured one of the environment.
 */
export function chooseReference(
  dataset: { readonly scoreReference: ScoreReference | null },
  environment: Pick<EnvironmentInfo, 'scoreReference'> | null
): ScoreReference | null {
  return dataset.scoreReference ?? environment?.scoreReference ?? null
}

/**
 * Normalised score: 0 at the low reference, 100 at the high one; values outside are kept.
 * Means are normalised, deviations only scaled (`normalizeDeviation`).
 */
export function normalizedScore(value: number, reference: ScoreReference): number {
  return (100 * (value - reference.low)) / (reference.high - reference.low)
}

/** A standard deviation of returns in score points: scaled without the offset. */
export function normalizeDeviation(deviation: number, reference: ScoreReference): number {
  return (100 * deviation) / (reference.high - reference.low)
}
