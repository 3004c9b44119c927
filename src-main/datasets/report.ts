import type { DatasetSummary, ImportReport } from '../../src-preload/contract/datasets.ts'
import type { DatasetColumns } from './dataset.ts'
import type { ImportedFile, Importer, ImportSource } from './importers/importer.ts'
import type { Settled } from './settle.ts'
import { factsOf, summarise } from './statistics.ts'

/** Episodes whose borders are listed from the beginning and from the end of a long dataset. */
const boundariesEachSide = 50

/** What the import page shows before anything is written. */
export function reportOf(
  inspectionId: string,
  source: ImportSource,
  importer: Importer,
  file: ImportedFile,
  settled: Settled
): ImportReport {
  const { description, questions, problems } = settled
  const summary: DatasetSummary = summarise(file.columns, description, problems)
  const { episodes, transitions, endReasons, missingNextObservations } = factsOf(file.columns)
  return {
    inspectionId,
    format: importer.id,
    formatTitle: importer.title,
    sourceName: source.name,
    sizeBytes: source.sizeBytes,
    suggestedName: file.suggestedName.slice(0, 200) || 'dataset',
    environmentId: description.environmentId,
    because: settled.because,
    dynamics: settled.dynamics,
    columns: file.fileColumns.map(column => ({ ...column })),
    episodes,
    transitions,
    endReasons: { ...endReasons },
    missingNextObservations,
    actionSpace: description.actionSpace,
    observationShape: [...description.observationShape],
    returns: summary.returns,
    lengths: summary.lengths,
    boundaries: boundariesOf(file.columns),
    problems: summary.problems,
    questions: [...questions]
  }
}

function boundariesOf({ episodes }: DatasetColumns): ImportReport['boundaries'] {
  const all = episodes.map(({ firstRow, length, endReason }, episode) => ({
    episode,
    firstRow,
    lastRow: firstRow + length - 1,
    endReason
  }))
  if (all.length <= 2 * boundariesEachSide) return all
  return [...all.slice(0, boundariesEachSide), ...all.slice(-boundariesEachSide)]
}
