import type { DatasetSummary, ImportQuestion, ImportReport } from '../../src-preload/contract/datasets.ts'
import { maxFrameBytes } from '../../src-preload/contract/frames.ts'
import { UserError } from '../base/errors.ts'
import type { DatasetColumns } from './dataset.ts'
import type { ImportedFile, Importer, ImportSource } from './importers/importer.ts'
import type { Settled } from './settle.ts'
import { factsOf, summarise } from './statistics.ts'

/** Characters of a column's name that are shown. */
const shownName = 200
/** Bytes of a frame around a report. */
const reservedBytes = 1024
/** Episodes whose borders are listed from the beginning and from the end of a long dataset. */
const boundariesEachSide = 50

/** What the import page shows before anything is written. @throws UserError('unsupported') for more names than one answer holds */
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
  const report = {
    inspectionId,
    format: importer.id,
    formatTitle: importer.title,
    sourceName: source.name,
    sizeBytes: source.sizeBytes,
    suggestedName: file.suggestedName.slice(0, 200) || 'dataset',
    environmentId: description.environmentId,
    because: settled.because,
    dynamics: settled.dynamics,
    columns: file.fileColumns.map(column => ({ ...column, name: column.name.slice(0, shownName) })),
    episodes,
    transitions,
    endReasons: { ...endReasons },
    missingNextObservations,
    actionSpace: description.actionSpace,
    observationShape: [...description.observationShape],
    returns: summary.returns,
    lengths: summary.lengths,
    boundaries: boundariesOf(file.columns),
    problems: [...provisional(questions), ...summary.problems],
    questions: [...questions]
  }
  const bytes = Buffer.byteLength(JSON.stringify(report))
  if (bytes > maxFrameBytes - reservedBytes)
    throw new UserError(
      'unsupported',
      `the names in ${source.name.slice(0, 200)} are too many or too long to be shown: the report would have ${bytes} bytes, at most ${maxFrameBytes - reservedBytes} are possible; leave columns out or shorten their names`
    )
  return report
}

/** Where a question has no answer yet, the file was read with one that stands in for it. */
function provisional(questions: readonly ImportQuestion[]): DatasetSummary['problems'] {
  const open = questions.filter(question => question.default === null).length
  const [what, them] = open === 1 ? ['one question has', 'it'] : [`${open} questions have`, 'them']
  return open === 0
    ? []
    : [{ severity: 'info', text: `${what} no answer yet: what depends on ${them} is shown provisionally` }]
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
