import type { DynamicsCheck, ImportAnswers, ImportReport } from '../../src-preload/contract/datasets.ts'
import type { Tier } from '../../src-preload/contract/collect.ts'
import type { WireError } from '../../src-preload/contract/errors.ts'
import type { KeptCheck } from './dynamicsOf.ts'

export interface DatasetFilter {
  readonly minimumReturn: number | null
  readonly maximumReturn: number | null
  readonly minimumLength: number | null
  readonly maximumLength: number | null
}

/** One job of an importer process; it does one and exits. */
export type ImportJob =
  /** Reads a file and reports what it holds; writes nothing. */
  | {
      readonly kind: 'inspect'
      readonly path: string
      readonly inspectionId: string
      readonly answers: ImportAnswers
    }
  /** Reads a file and writes a dataset into the staging folder. */
  | {
      readonly kind: 'commit'
      readonly path: string
      readonly name: string
      readonly answers: ImportAnswers
      readonly staging: string
      /** The dynamics check of the inspection; it is made again where the answers made other columns. */
      readonly dynamics: KeptCheck | null
    }
  /** Generates a built-in dataset. */
  | { readonly kind: 'make'; readonly recipe: string; readonly seed: number; readonly staging: string }
  | {
      readonly kind: 'filter'
      readonly folder: string
      readonly name: string
      readonly filter: DatasetFilter
      readonly staging: string
    }
  | {
      readonly kind: 'combine'
      readonly folders: readonly string[]
      readonly name: string
      readonly staging: string
    }

/** Repeats recorded steps of a stored dataset in simulation; writes nothing. */
export interface CheckJob {
  readonly kind: 'check'
  readonly folder: string
}

/** A tier of data made by a behaviour; done by the collector's process, in the same way. */
export interface TierJob {
  readonly kind: 'tier'
  /** Folder of the behaviour; null for the random tier, which needs none. */
  readonly folder: string | null
  readonly environmentId: string
  readonly tier: Tier
  readonly transitions: number
  readonly seed: number
  readonly noise: number
  readonly staging: string
}

export type FromImporter =
  /** Sent once, before the job: the memory of a process that has read nothing yet. */
  | { readonly kind: 'ready'; readonly memoryBytes: number }
  | {
      readonly kind: 'progress'
      readonly phase: string
      readonly done: number
      readonly total: number
      readonly memoryBytes: number
    }
  | { readonly kind: 'report'; readonly report: ImportReport; readonly dynamics: KeptCheck | null }
  | { readonly kind: 'checked'; readonly check: DynamicsCheck | null }
  /** The dataset is whole in the staging folder. */
  | { readonly kind: 'written'; readonly id: string }
  | { readonly kind: 'failed'; readonly error: WireError }
