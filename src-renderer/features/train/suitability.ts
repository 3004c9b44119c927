import type { AlgorithmInfo, Requirement } from '../../../src-preload/contract/algorithms.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'

const lacks: Readonly<Record<Requirement, (dataset: Dataset) => string | null>> = {
  rewards: dataset => (dataset.hasRewards ? null : 'it needs rewards'),
  nextObservations: dataset =>
    dataset.transitions > 0 && dataset.missingNextObservations >= dataset.transitions
      ? 'it needs next observations'
      : null,
  nextActions: dataset =>
    dataset.transitions > 0 && dataset.episodes >= dataset.transitions
      ? 'it needs the next action, so steps in their order'
      : null,
  episodes: dataset =>
    dataset.transitions > 1 && dataset.episodes >= dataset.transitions
      ? 'it needs steps in their order'
      : null
}

/** Why an algorithm cannot train on a dataset, as the end of a sentence; null when it can. */
export function unsuitable(algorithm: AlgorithmInfo, dataset: Dataset): string | null {
  if (!algorithm.actions.includes(dataset.actionSpace.kind))
    return `it does not learn ${dataset.actionSpace.kind} actions`
  for (const need of algorithm.needs) {
    const lack = lacks[need](dataset)
    if (lack !== null) return lack
  }
  return null
}

/** Why an algorithm cannot be chosen for these datasets; null when it can be. */
export function unsuitableReason(algorithm: AlgorithmInfo, datasets: readonly Dataset[]): string | null {
  for (const dataset of datasets) {
    const reason = unsuitable(algorithm, dataset)
    if (reason !== null) return `Not for ${dataset.name}: ${reason}.`
  }
  return null
}
