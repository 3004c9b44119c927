import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, UserError } from './errors.ts'

/** Bytes to write, in pieces, so that large arrays need not be joined first. */
export type Pieces = string | Uint8Array | readonly Uint8Array[]

let temporaryCount = 0

/** A name beside `path` that no other writer uses; start-up sweeps delete names with `.tmp-`. */
const temporaryName = (path: string): string => `${path}.tmp-${process.pid}-${++temporaryCount}`

const listOf = (pieces: Pieces): readonly Uint8Array[] =>
  typeof pieces === 'string' ? [Buffer.from(pieces)] : pieces instanceof Uint8Array ? [pieces] : pieces

/**
 * Turns a failed file operation into a sentence for the person.
 * @returns UserError('disk-full') for ENOSPC and EDQUOT, UserError('io-error') for other system errors, else the error itself
 */
export function fileError(error: unknown, action: string, path: string): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string' || error instanceof UserError) return error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError(
      'disk-full',
      `the disk is full: cannot ${action} ${path}; free some space and try again`,
      { path }
    )
  }
  return new UserError('io-error', `cannot ${action} ${path}: ${messageOf(error)}`, { path, system: code })
}

/** Makes the entries of a folder durable; where folders cannot be opened (Windows) there is nothing to do. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes a file so that it is whole or absent after a crash at any moment: temporary file, fsync, rename, fsync of the folder.
 * @throws UserError('disk-full' | 'io-error')
 */
export async function writeFileAtomic(path: string, pieces: Pieces): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await writeFileSynced(temporary, pieces)
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw fileError(error, 'write', path)
  }
}

/** The same as {@link writeFileAtomic} without a turn of the event loop, for trainers that must not be overtaken. */
export function writeFileAtomicSync(path: string, pieces: Pieces): void {
  const temporary = temporaryName(path)
  try {
    const file = openSync(temporary, 'wx')
    try {
      for (const piece of listOf(pieces))
        for (let at = 0; at < piece.byteLength;) at += writeSync(file, piece, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
    syncFolderSync(dirname(path))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fileError(error, 'write', path)
  }
}

function syncFolderSync(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Writes a new file and flushes it; for files inside a staging folder that is published as a whole. */
export async function writeFileSynced(path: string, pieces: Pieces): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    for (const piece of listOf(pieces)) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Makes a finished staging folder visible under its final name.
 * @returns false when `target` already exists (content-named folders: the same content is there); the staging folder is then removed
 * @throws UserError('disk-full' | 'io-error')
 */
export async function publishFolder(staging: string, target: string): Promise<boolean> {
  try {
    await syncFolder(staging)
    await mkdir(dirname(target), { recursive: true })
    const published = await renameFolder(staging, target)
    if (!published) await rm(staging, { recursive: true, force: true })
    await syncFolder(dirname(target))
    return published
  } catch (error) {
    throw fileError(error, 'write', target)
  }
}

async function renameFolder(staging: string, target: string): Promise<boolean> {
  try {
    await rename(staging, target)
    return true
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    throw error
  }
}

/** Names of what a killed writer left in a folder: temporary files of {@link writeFileAtomic}. */
export const temporariesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter(name => /\.tmp-\d+-\d+$/.test(name))

/** Deletes what a killed writer left in a folder; returns the names. */
export async function sweepTemporaries(folder: string): Promise<string[]> {
  const names = await temporariesIn(folder)
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
  return names
}

const openProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder; name a file in it',
  ENOTDIR: 'lies below a file that is not a folder',
  ELOOP: 'is a link that leads in a circle'
}

/** Why a path cannot be opened, as the end of a sentence that begins with its name. */
export function openProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return openProblems[code] ?? `cannot be opened: ${messageOf(error)}`
}
