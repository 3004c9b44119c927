import type { AppInfo, EngineInfo } from '../../src-preload/contract/app.ts'
import type { MetricInfo } from '../../src-preload/contract/metrics.ts'
import type {
  Dataset,
  DatasetSummary,
  EpisodeColumns,
  EpisodeRow,
  ImportAnswers,
  ImportProgress
} from '../../src-preload/contract/datasets.ts'
import type { Column, Scalar } from '../../src-preload/contract/values.ts'
import type { Log } from '../base/log.ts'
import type { Store } from '../store/open.ts'
import type { RunSupervisor } from '../training/supervisorInterface.ts'
import type { ChangeHub } from './changes.ts'
import type { FileAccess } from './fileAccess.ts'

/** Everything the handlers need; made once by {@link openServices} and passed on. */
export interface Services {
  readonly store: Store
  readonly changes: ChangeHub
  readonly log: Log
  readonly host: HostFeatures
  readonly files: FileAccess
  readonly runs: RunSupervisor
  readonly imports: ImportService
  readonly library: DatasetLibrary
  /** Engines with whether they can be used; probing them is done once. */
  readonly engines: () => Promise<EngineInfo[]>
  /** What is known of a metric key. */
  readonly metricInfo: (
    key: string
  ) => Pick<MetricInfo, 'title' | 'description' | 'unit' | 'higherIsBetter' | 'section'>
}

/** What differs between the desktop and the headless host. */
export interface HostFeatures {
  readonly kind: AppInfo['host']
  readonly version: string
  /** The system's file dialog; null where there is none. Resolves to a path, or null when dismissed. */
  readonly pick: ((kind: 'file' | 'folder') => Promise<string | null>) | null
  /** Opens a folder in the system's file manager; null where that is not possible. */
  readonly reveal: ((path: string) => Promise<void>) | null
}

/** Imports and generated datasets, each in a process of its own. Folders are in place before `imported` is given; the handler
 * then makes the dataset visible with one row. */
export interface ImportService {
  /** Progress, then a report. @throws UserError of the import kinds */
  inspect(path: string, signal: AbortSignal): AsyncIterable<ImportProgress>
  /** Progress, then the imported dataset. @throws UserError('not-found' | 'missing-answer' and the import kinds) */
  commit(
    inspectionId: string,
    name: string,
    answers: ImportAnswers,
    signal: AbortSignal
  ): AsyncIterable<ImportProgress>
  discard(inspectionId: string): void
  /** Generates a built-in dataset. @throws UserError('not-found') */
  make(recipe: string, seed: number, signal: AbortSignal): AsyncIterable<ImportProgress>
  /** Ends every process. */
  close(): void
}

/** What the pages ask of a dataset's folder. */
export interface DatasetLibrary {
  summary(dataset: Dataset): Promise<DatasetSummary>
  episodes(dataset: Dataset, query: EpisodeQuery): Promise<{ total: number; rows: EpisodeRow[] }>
  /** @throws UserError('not-found') beyond the last episode */
  episode(dataset: Dataset, index: number): Promise<EpisodeColumns>
  map(
    dataset: Dataset,
    query: { readonly x: number; readonly y: number; readonly bins: number }
  ): Promise<DatasetMap>
  /** Writes a new dataset of the episodes that pass; its folder is in place when this resolves. */
  filter(dataset: Dataset, name: string, filter: EpisodeFilter): Promise<Dataset>
  /** @throws UserError('incompatible-data') when spaces differ */
  combine(datasets: readonly Dataset[], name: string): Promise<Dataset>
  /** Drops what is cached of a dataset that is being removed. */
  forget(id: string): void
}

export interface EpisodeQuery {
  readonly offset: number
  readonly limit: number
  readonly sort: 'index' | 'length' | 'return' | 'endReason' | 'source'
  readonly descending: boolean
}

/** Inclusive bounds; null is open. */
export interface EpisodeFilter {
  readonly minimumReturn: number | null
  readonly maximumReturn: number | null
  readonly minimumLength: number | null
  readonly maximumLength: number | null
}

export interface DatasetMap {
  readonly x: { readonly low: number; readonly high: number }
  readonly y: { readonly low: number; readonly high: number }
  /** [bins, bins] counts, row = y */
  readonly counts: Column
  readonly paths: { readonly episode: number; readonly return: Scalar; readonly points: Column }[]
}
