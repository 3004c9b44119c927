/** Where an engine lies on the disk, half-made and whole, and who may change it. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../base/errors.ts'
import { fileError, syncFolder } from '../base/files.ts'
import { freeLock, takeLock } from '../base/processLock.ts'
import { recordName } from './installed.ts'

/** Space that an install leaves free. */
const spareBytes = 200e6

/** Files that are kept between attempts. */
export const downloadsFolder = (folder: string): string => join(folder, 'downloads')

/** What the compiler said last. */
export const buildLog = (folder: string): string => join(folder, 'build.log')

const leftover = /^tensorflow\.(partial|old)-/
const replaced = /^tensorflow\.old-/
const aside = (folder: string, kind: 'partial' | 'old'): string =>
  join(folder, `tensorflow.${kind}-${randomUUID()}`)

/**
 * Does something to the engines of a folder while nobody else does; the lock ends with the process.
 * @throws UserError('conflict') while another process holds it
 */
export async function withEnginesLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'install.lock')
  const holder = await lockIn(folder, lock)
  if (holder !== null) {
    throw new UserError(
      'conflict',
      `another process (${holder}) is installing or removing an engine in ${folder}; wait until it has ended`
    )
  }
  const free = (): void => freeLock(lock)
  process.once('exit', free) // A cancelled installer exits in the middle.
  try {
    return await work()
  } catch (error) {
    throw fileError(error, 'change the engines in', folder)
  } finally {
    process.off('exit', free)
    free()
  }
}

/** Takes the lock. @returns null, or who holds it @throws UserError where nothing can be written */
async function lockIn(folder: string, lock: string): Promise<number | null> {
  try {
    await mkdir(folder, { recursive: true })
    return takeLock(lock)
  } catch (error) {
    const known = fileError(error, 'write in', folder)
    if (!(known instanceof UserError) || known.code === 'disk-full') throw known
    throw new UserError(
      known.code,
      `${known.message}; engines are kept there: make it writable, or name another folder with STITCHWORK_ENGINES`,
      known.details
    )
  }
}

/**
 * Does now what the next install would do first: deletes what a killed one left, unless another process is at work there.
 * @returns true when there was something
 */
export async function tidyEngines(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  if (!names.some(name => leftover.test(name))) return false
  return withEnginesLock(folder, () => sweepLeftovers(folder)).then(
    () => true,
    () => false // Whoever is at work sweeps too, and what cannot be deleted is told by the next install.
  )
}

/**
 * Deletes what killed installs and removals left; downloads stay. An engine that was moved aside for another which never came is put
 * back first. Call it under the lock.
 */
export async function sweepLeftovers(folder: string): Promise<void> {
  const target = join(folder, 'tensorflow')
  const stranded = (await readdir(folder)).find(
    name => replaced.test(name) && existsSync(join(folder, name, recordName))
  )
  if (stranded !== undefined && !existsSync(target)) {
    await rename(join(folder, stranded), target)
    await syncFolder(folder)
  }
  for (const name of await readdir(folder))
    if (leftover.test(name)) await rm(join(folder, name), { recursive: true, force: true })
}

/**
 * A new staging folder. It is an engines folder of its own, so that what lies in it can be tried before it is published.
 * @returns its path; the engine is made in `<staging>/tensorflow`
 */
export async function createStaging(folder: string): Promise<string> {
  const staging = aside(folder, 'partial')
  await mkdir(join(staging, 'tensorflow', 'lib'), { recursive: true })
  return staging
}

/** Puts a finished engine in place of the old one; after a crash between two renames the next sweep puts the old one back. */
export async function publishEngine(folder: string, staging: string): Promise<void> {
  const target = join(folder, 'tensorflow')
  const old = aside(folder, 'old')
  try {
    await syncFolder(join(staging, 'tensorflow'))
    await rename(target, old).catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'ENOENT') throw error
    })
    await rename(join(staging, 'tensorflow'), target).catch(async (error: unknown) => {
      await rename(old, target).catch(() => {}) // There was none, or the disk refuses both; the first error says why.
      throw error
    })
    await syncFolder(folder)
    for (const path of [old, staging]) await rm(path, { recursive: true, force: true })
  } catch (error) {
    throw fileError(error, 'put in place', target)
  }
}

/**
 * Deletes the installed TensorFlow engine: moved aside in one step, so that nobody sees half of it.
 * @throws UserError('not-found' | 'conflict' | 'io-error')
 */
export function removeInstalled(folder: string): Promise<void> {
  return withEnginesLock(folder, async () => {
    // Not 'old': a sweep would take what a killed removal left for an engine that lost its place.
    const doomed = aside(folder, 'partial')
    try {
      await sweepLeftovers(folder)
      await rename(join(folder, 'tensorflow'), doomed)
      await syncFolder(folder)
      await rm(doomed, { recursive: true, force: true })
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT')
        throw new UserError('not-found', 'the TensorFlow engine is not installed; there is nothing to remove')
      throw fileError(error, 'remove', folder)
    }
  })
}

/**
 * Checks that a folder's disk has room.
 * @throws UserError('disk-full') with the figures
 */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes + spareBytes) return
  const gb = (count: number) => (count / 1e9).toFixed(1)
  throw new UserError(
    'disk-full',
    `${folder} has ${gb(free)} GB free and the engine needs ${gb(bytes + spareBytes)} GB while it is installed; ` +
      'free some space, or name a folder on another disk with STITCHWORK_ENGINES',
    { freeBytes: free, neededBytes: bytes + spareBytes }
  )
}

/** Bytes of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let total = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size
  return total
}
