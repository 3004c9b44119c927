import { constants } from 'node:fs'
import { access, type FileHandle, open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { UserError } from '../../base/errors.ts'
import { openProblem } from '../../base/files.ts'
import { visibleLine } from '../../base/visible.ts'
import { csv } from './csv.ts'
import { d4rl } from './d4rl.ts'
import { isHdf5, openHdf5 } from './hdf5.ts'
import type { ImportContext, ImportedFile, Importer, ImportSource } from './importer.ts'
import { minariArrow } from './minariArrow.ts'
import { minariHdf5 } from './minariHdf5.ts'
import { Narrowing } from './narrowing.ts'
import { otherFormat, otherHdf5 } from './unsupported.ts'

/** Every format that is read; the first that matches and opens wins. */
const importers: readonly Importer[] = [minariHdf5, d4rl, minariArrow, csv]

/** Bytes of a file that decide its format. */
export const headerBytes = 8192

/** A badge for a file list: which importer may read a file that begins so; null when none does. */
export function recognise(header: Uint8Array, name: string): string | null {
  if (isHdf5(header)) return 'HDF5'
  if (otherFormat(header, name) !== null) return null
  return importers.find(importer => importer.match(header, name))?.title ?? null
}

/** Looks at what was picked. @throws UserError('not-found' | 'unsupported') */
export async function openSource(path: string): Promise<ImportSource> {
  try {
    const info = await stat(path)
    const name = visibleLine(basename(path))
    if (info.isDirectory()) {
      await access(path, constants.R_OK | constants.X_OK)
      return { path, name, kind: 'folder', sizeBytes: 0, header: new Uint8Array() }
    }
    if (!info.isFile()) throw new UserError('unsupported', `${name} is neither a file nor a folder`)
    const file = await open(path, 'r')
    try {
      return { path, name, kind: 'file', sizeBytes: info.size, header: await readHeader(file) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError('not-found', `${path} ${openProblem(error)}`)
  }
}

async function readHeader(file: FileHandle): Promise<Uint8Array> {
  const header = new Uint8Array(headerBytes)
  const { bytesRead } = await file.read(header, 0, headerBytes, 0)
  return header.subarray(0, bytesRead)
}

/**
 * Reads a file or folder with the importer that knows it.
 * @throws UserError('unknown-format') that says what the file is, or what the importer throws
 */
export async function readSource(
  source: ImportSource,
  context: ImportContext
): Promise<{ readonly importer: Importer; readonly file: ImportedFile }> {
  if (source.kind === 'file' && source.sizeBytes === 0)
    throw new UserError('invalid-file', `${source.name} is empty`)
  const other =
    source.kind === 'file' && !isHdf5(source.header) ? otherFormat(source.header, source.name) : null
  for (const importer of candidates(source, other !== null)) {
    const place = await resolvePlace(importer, source)
    const narrowing = new Narrowing()
    const file = place === null ? null : await importer.open(place, { ...context, narrowing })
    if (file !== null)
      return { importer, file: { ...file, problems: [...file.problems, ...narrowing.problems] } }
  }
  throw await unknownFormat(source, other)
}

function candidates(source: ImportSource, other: boolean): readonly Importer[] {
  if (source.kind === 'folder') return [minariHdf5, minariArrow]
  // A metadata.json stands for the folder it lies in.
  if (source.name === 'metadata.json') return [minariHdf5, minariArrow]
  return other ? [] : importers.filter(importer => importer.match(source.header, source.name))
}

/** Whether anything is at a path, readable or not. */
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
  )

/** HDF5 datasets of Minari lie in a folder; picking the folder or its metadata picks the file. */
async function resolvePlace(importer: Importer, source: ImportSource): Promise<ImportSource | null> {
  if (importer !== minariHdf5 || isHdf5(source.header)) return source
  const folder = source.kind === 'folder' ? source.path : dirname(source.path)
  for (const path of [`${folder}/main_data.hdf5`, `${folder}/data/main_data.hdf5`]) {
    if (!(await isThere(path))) continue // another layout
    const found = await openSource(path)
    if (isHdf5(found.header)) return found
  }
  return null
}

async function unknownFormat(
  source: ImportSource,
  other: { name: string; advice: string } | null
): Promise<UserError> {
  if (source.kind === 'folder') {
    return new UserError(
      'unknown-format',
      `the folder ${source.name} holds no Minari dataset: expected data/metadata.json with main_data.hdf5 or episode folders`
    )
  }
  const known = isHdf5(source.header) ? otherHdf5(await openHdf5(source.path)) : other
  if (known !== null)
    return new UserError(
      'unknown-format',
      `${source.name} is ${known.name}, which cannot be imported: ${known.advice}`
    )
  return new UserError(
    'unknown-format',
    `${source.name} is in no format that is known here: expected D4RL or Minari HDF5, a Minari folder, or CSV`
  )
}
