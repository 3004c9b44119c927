import { readFile, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type Dataset,
  type DatasetSummary,
  datasetSummary,
  endReason
} from '../../src-preload/contract/datasets.ts'
import { scalar } from '../../src-preload/contract/values.ts'
import { columnsFile, manifestFile, readManifest, summaryFile } from './columns.ts'
import { corrupt } from './corrupt.ts'
import { statesFile } from './states.ts'
import type { DatasetFacts } from './statistics.ts'

const count = z.number().int().nonnegative()
const factsSchema = z.object({
  episodes: count,
  transitions: count,
  missingNextObservations: count,
  endReasons: z.record(endReason, count),
  meanReturn: scalar,
  bestReturn: scalar,
  meanLength: scalar
})
const storedSchema = z.object({ facts: factsSchema, summary: datasetSummary })

/** The statistics written with a dataset. @throws UserError('not-found' | 'dataset-corrupt') */
export async function readSummary(folder: string): Promise<{ facts: DatasetFacts; summary: DatasetSummary }> {
  const manifest = await readManifest(folder)
  const bytes = await readFile(join(folder, summaryFile)).catch(() => null)
  if (bytes === null) throw corrupt(folder, `${summaryFile} is missing`)
  if (createHash('sha256').update(bytes).digest('hex') !== manifest.files[summaryFile]) {
    throw corrupt(folder, `${summaryFile} has another SHA-256 than when it was written`)
  }
  return storedSchema.parse(JSON.parse(bytes.toString('utf8')))
}

/** A dataset's row in the catalogue; note, date and archived mark are the catalogue's own. */
export type CatalogueEntry = Omit<Dataset, 'note' | 'createdAt' | 'archived'>

/** What the catalogue keeps of a dataset folder. @throws UserError('not-found' | 'dataset-corrupt') */
export async function catalogueEntry(folder: string): Promise<CatalogueEntry> {
  const manifest = await readManifest(folder)
  const { facts } = await readSummary(folder)
  const names = [
    columnsFile,
    summaryFile,
    manifestFile,
    ...(statesFile in manifest.files ? [statesFile] : [])
  ]
  const sizes = await Promise.all(names.map(name => stat(join(folder, name))))
  const {
    formatVersion: _version,
    sources: _sources,
    files: _files,
    provenance: _provenance,
    ...described
  } = manifest
  return {
    ...described,
    ...facts,
    observationShape: [...manifest.observationShape],
    observationNames: [...manifest.observationNames],
    actionShape: [...manifest.actionShape],
    actionNames: [...manifest.actionNames],
    parents: manifest.parents.map(parent => ({ ...parent })),
    endReasons: { ...facts.endReasons },
    sizeBytes: sizes.reduce((sum, { size }) => sum + size, 0)
  }
}
