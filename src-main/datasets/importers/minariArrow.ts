import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { FileColumn, OpenContext, ImportedFile, Importer, ImportSource } from './importer.ts'
import { arrowMagic, MinariReader, planMinari, readMetadata } from './minari.ts'

/**
 * Minari's Arrow layout: a folder with `metadata.json` and a folder an episode with `part-0.arrow`, one batch of T + 1 rows in
 * which every column of length T is padded by one row.
 */
export const minariArrow: Importer = {
  id: 'minari-arrow',
  title: 'Minari (Arrow)',
  match: header => arrowMagic.equals(header.subarray(0, arrowMagic.length)),
  async open(source, context) {
    const folder = await dataFolder(source)
    return folder === null ? null : read(folder, context)
  }
}

/** The folder with `metadata.json` and episode folders: the one picked, its `data`, or the one around a picked file. */
async function dataFolder(source: ImportSource): Promise<string | null> {
  const candidates =
    source.kind === 'folder'
      ? [source.path, join(source.path, 'data')]
      : [dirname(source.path), dirname(dirname(source.path))]
  for (const candidate of candidates) {
    if ((await episodeFolders(candidate)).length > 0) return candidate
  }
  return null
}

async function episodeFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter(entry => entry.isDirectory() && /^\d+$/.test(entry.name))
    .map(entry => entry.name)
    .sort((a, b) => Number(a) - Number(b))
}

async function read(folder: string, { answers, progress, narrowing }: OpenContext): Promise<ImportedFile> {
  const metadata = await readMetadata(join(folder, 'metadata.json'))
  if (metadata === null)
    throw new UserError(
      'invalid-file',
      `the folder ${basename(folder)} holds episodes, but no metadata.json that describes them`
    )
  const reader = new MinariReader(planMinari(metadata, answers), metadata.dataset_id ?? basename(folder))
  const { columnsOf, episodeOf, readTable } = await import('./arrowTable.ts')
  const names = await episodeFolders(folder)
  let columns: FileColumn[] = []
  for (let i = 0; i < names.length; i++) {
    const batch = await readTable(join(folder, names[i], 'part-0.arrow'), names[i])
    if (i === 0) columns = columnsOf(batch, reader.plan.leaves)
    reader.add(episodeOf(batch, names[i], reader.plan.leaves, narrowing))
    await progress('reading episodes', i + 1, names.length)
  }
  return reader.finish(columns)
}
