import type { Dataset } from '../../src-preload/contract/datasets.ts'
import type { MeasuredSize } from '../../src-preload/contract/engines.ts'

/** What the speed of a run depends on; see `MeasuredSize` for what is rounded. */
export function sizeOfRun(
  run: { readonly algorithm: string; readonly config: Readonly<Record<string, unknown>> },
  dataset: Pick<Dataset, 'observationShape' | 'actionSpace'>,
  threads: number
): MeasuredSize {
  const { actionSpace, observationShape } = dataset
  return {
    algorithm: run.algorithm,
    hiddenSizes: [...(run.config.hiddenSizes as readonly number[])],
    batchSize: run.config.batchSize as number,
    threads,
    observationSize: roundedUp(observationShape.reduce((product, size) => product * size, 1)),
    actionSize: roundedUp(actionSpace.kind === 'discrete' ? actionSpace.count : actionSpace.size),
    actions: actionSpace.kind
  }
}

const roundedUp = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(size, 4)))
