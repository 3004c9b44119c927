import type { ActionSpace, EndReason, ScoreReference } from '../../src-preload/contract/datasets.ts'

/**
 * A dataset in memory: episodes with T + 1 observations, T actions and rewards, and one end reason each.
 * Stored actions and rewards are as the file had them; bounds, clipping and scaling happen when training reads them.
 */
export interface DatasetColumns {
  readonly observationSize: number
  /** Continuous action size, or 1 for discrete actions (stored as integers from 0). */
  readonly actionSize: number
  /** [sum(T + 1), observationSize]; a missing final observation is a row of NaN and its episode is marked. */
  readonly observations: Float32Array
  /** [sum(T), actionSize] float32; discrete as whole numbers. */
  readonly actions: Float32Array
  /** [sum(T)]; empty when the data has no rewards. */
  readonly rewards: Float32Array
  readonly episodes: readonly Episode[]
  /** Joint positions and velocities, where the source recorded them; training does not read them. */
  readonly states?: RobotStates
}

/** Simulator states beside the observations, in the precision of their source; NaN where it has none. */
export interface RobotStates {
  readonly positionSize: number
  readonly velocitySize: number
  /** `qpos`, [sum(T + 1), positionSize] */
  readonly positions: Float32Array | Float64Array
  /** `qvel`, [sum(T + 1), velocitySize] */
  readonly velocities: Float32Array | Float64Array
}

export interface Episode {
  /** First row in `actions` and `rewards`. */
  readonly firstRow: number
  /** First row in `observations`: firstRow + index of the episode. */
  readonly firstObservation: number
  readonly length: number
  readonly endReason: EndReason
  /** False where the file does not hold the observation after the last action. */
  readonly hasFinalObservation: boolean
  /** Name of the dataset or file the episode came from. */
  readonly source: string
}

/** What is known of a dataset beside its columns; stored as `dataset.json` in its folder. */
export interface DatasetManifest {
  readonly formatVersion: 1
  readonly id: string
  readonly name: string
  readonly format: string
  readonly sourceName: string
  readonly environmentId: string | null
  readonly observationShape: readonly number[]
  readonly observationNames: readonly string[]
  readonly actionShape: readonly number[]
  readonly actionNames: readonly string[]
  readonly actionSpace: ActionSpace
  readonly hasRewards: boolean
  readonly scoreReference: ScoreReference | null
  readonly parents: readonly {
    readonly datasetId: string
    readonly name: string
    readonly operation: string
  }[]
  /** Names that `Episode.source` takes, in the order in which the columns file numbers them. */
  readonly sources: readonly string[]
  /** SHA-256 of each file in the folder, hexadecimal. */
  readonly files: Readonly<Record<string, string>>
  /** Whatever the source said about itself (algorithm, author, seeds), as text for people. */
  readonly provenance: Readonly<Record<string, string>>
}

/** A dataset as training and pages read it. */
export interface LoadedDataset {
  readonly folder: string
  readonly manifest: DatasetManifest
  readonly columns: DatasetColumns
}

/** What a manifest needs beside what the columns themselves tell. */
export type DatasetDescription = Omit<DatasetManifest, 'formatVersion' | 'id' | 'files' | 'sources'>
