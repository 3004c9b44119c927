import { buildColumns, type NeutralEpisode } from '../../../src-main/datasets/build.ts'
import type { DatasetColumns, DatasetDescription, LoadedDataset } from '../../../src-main/datasets/dataset.ts'

export const episode = (
  given: Partial<NeutralEpisode> & Pick<NeutralEpisode, 'observations' | 'actions'>
): NeutralEpisode => ({
  rewards: new Float32Array(given.actions.length),
  endReason: 'truncated',
  source: 'test',
  ...given
})

export const description: DatasetDescription = {
  name: 'test',
  format: 'csv',
  sourceName: 'test.csv',
  environmentId: null,
  observationShape: [1],
  observationNames: ['x'],
  actionShape: [1],
  actionNames: ['u'],
  actionSpace: { kind: 'continuous', size: 1, low: [-2], high: [2], outside: 'clip', shareOutside: 0 },
  hasRewards: true,
  scoreReference: null,
  parents: [],
  provenance: {}
}

export const loaded = (
  columns: DatasetColumns,
  changes: Partial<DatasetDescription> = {},
  id = 'a'.repeat(32)
): LoadedDataset => ({
  folder: '',
  manifest: { formatVersion: 1, id, ...description, ...changes, sources: ['test'], files: {} },
  columns
})

/** Three episodes of one observation and one action: terminated, truncated, and cut without its final observation. */
export const small = (): DatasetColumns =>
  buildColumns({ observationSize: 1, actionSize: 1, hasRewards: true }, [
    episode({
      observations: Float32Array.of(0, 1, 2),
      actions: Float32Array.of(1, 3),
      rewards: Float32Array.of(1, 2),
      endReason: 'terminated'
    }),
    episode({
      observations: Float32Array.of(10, 11),
      actions: Float32Array.of(-2),
      rewards: Float32Array.of(-1)
    }),
    episode({
      observations: Float32Array.of(20, 21),
      actions: Float32Array.of(0, 2),
      rewards: Float32Array.of(4, 5),
      endReason: 'cut'
    })
  ])
