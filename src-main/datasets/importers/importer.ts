import type {
  ImportAnswers,
  ImportQuestion,
  ImportReport,
  ScoreReference
} from '../../../src-preload/contract/datasets.ts'
import type { DatasetColumns } from '../dataset.ts'
import type { Narrowing } from './narrowing.ts'

/** What the person picked, and how it begins: bytes decide the format, names only hint. */
export interface ImportSource {
  readonly path: string
  /** As it is shown: control characters are escaped. */
  readonly name: string
  readonly kind: 'file' | 'folder'
  readonly sizeBytes: number
  /** The first bytes of a file; empty for folders. */
  readonly header: Uint8Array
}

export type Problem = ImportReport['problems'][number]
export type FileColumn = ImportReport['columns'][number]

/** Actions as far as the file describes them. */
export type FileActions =
  | {
      readonly kind: 'continuous'
      readonly low: readonly number[] | null
      readonly high: readonly number[] | null
    }
  | { readonly kind: 'discrete'; readonly count: number | null; readonly start: number }

/** A file read whole: episodes, and what it says or leaves open. */
export interface ImportedFile {
  readonly columns: DatasetColumns
  readonly fileColumns: readonly FileColumn[]
  readonly observationNames: readonly string[]
  readonly actionNames: readonly string[]
  readonly actions: FileActions
  /** The environment as the file names it (`Hopper-v4`), or null. */
  readonly environmentName: string | null
  readonly suggestedName: string
  readonly scoreReference: ScoreReference | null
  readonly problems: readonly Problem[]
  readonly questions: readonly ImportQuestion[]
  /** What the source says about itself, as text for people. */
  readonly provenance: Readonly<Record<string, string>>
}

/** How far a read has come; awaiting it lets messages out. */
export type ReportProgress = (phase: string, done: number, total: number) => Promise<void>

export interface ImportContext {
  readonly answers: ImportAnswers
  readonly progress: ReportProgress
}

/** What an importer is given: the context, and where wider numbers become single precision. */
export interface OpenContext extends ImportContext {
  readonly narrowing: Narrowing
}

/** One foreign format. */
export interface Importer {
  readonly id: string
  readonly title: string
  /** Whether a file that begins so, or a folder of this name, may be this format. */
  match(header: Uint8Array, name: string): boolean
  /**
   * Reads everything with the answers given; questions without an answer are read as their default.
   * @returns null when a closer look shows another format
   * @throws UserError('invalid-file' | 'unsupported')
   */
  open(source: ImportSource, context: OpenContext): Promise<ImportedFile | null>
}

export const info = (text: string): Problem => ({ severity: 'info', text })
export const warning = (text: string): Problem => ({ severity: 'warning', text })
