import { randomUUID } from 'node:crypto'
import { access, constants, open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, isAbsolute } from 'node:path'
import type { FileEntry, FileListing } from '../../src-preload/contract/files.ts'
import { UserError } from '../base/errors.ts'
import { openProblem } from '../base/files.ts'
import { visibleLine } from '../base/visible.ts'

/** Files of a folder that are looked into for a badge; the others are listed without one. */
const recognisedFiles = 300
/** Names of one folder that are listed at most, so that the answer fits one frame; how many more there are is told. */
const listedEntries = 2000
const knownHandles = 50_000

export interface FileAccessOptions {
  /** Folders whose contents may be listed. */
  readonly roots: readonly string[]
  /** Bytes that decide a format. */
  readonly headerBytes: number
  /** Name of the importer that may read a file that begins so, or null. */
  readonly recognise: (header: Uint8Array, name: string) => string | null
  /** Names of one folder that are listed; 2000 without it. */
  readonly listedEntries?: number
}

/**
 * Files by opaque handles: the page never sees a path and can name only what main has listed or the person has picked in the
 * system's own dialog.
 */
export class FileAccess {
  readonly #options: FileAccessOptions
  readonly #paths = new Map<string, string>()
  readonly #handles = new Map<string, string>()

  constructor(options: FileAccessOptions) {
    this.#options = { ...options, roots: options.roots.map(root => resolve(root)) }
  }

  /**
   * Path of a handle.
   * @throws UserError('not-found') for a handle that this process has not given out
   */
  path(handle: string): string {
    const path = this.#paths.get(handle)
    if (path === undefined)
      throw new UserError('not-found', 'this file is no longer known; list its folder again')
    return path
  }

  /** The entry of a path that the person picked, wherever it lies. @throws UserError('not-found') */
  async entryOf(path: string): Promise<FileEntry> {
    await access(path, constants.R_OK).catch((error: unknown) => {
      throw new UserError('not-found', `${path} ${openProblem(error)}`)
    })
    const entry = await this.#entry(path, basename(path), true)
    if (entry === null) throw new UserError('not-found', `${path} is neither a file nor a folder`)
    return entry
  }

  /**
   * What a folder holds, folders first; null lists the roots.
   * @throws UserError('not-found' | 'forbidden')
   */
  async list(handle: string | null): Promise<FileListing> {
    if (handle === null) {
      const entries = await Promise.all(this.#options.roots.map(root => this.#entry(root, root, false)))
      return { title: 'Places', parent: null, entries: entries.filter(entry => entry !== null), omitted: 0 }
    }
    const folder = await this.#allowed(this.path(handle))
    const all = (await namesIn(folder)).filter(name => !name.startsWith('.'))
    const names = all.slice(0, this.#options.listedEntries ?? listedEntries)
    const entries = await Promise.all(names.map((name, i) => this.#child(folder, name, i < recognisedFiles)))
    return {
      title: visibleLine(basename(folder) || folder),
      parent: this.#isRoot(folder) ? null : this.#handle(dirname(folder)),
      entries: entries.filter(entry => entry !== null).sort(foldersFirst),
      omitted: all.length - names.length
    }
  }

  /** An entry of a listed folder; null for what is neither file nor folder, or leads out of the roots. */
  async #child(folder: string, name: string, look: boolean): Promise<FileEntry | null> {
    try {
      return await this.#entry(await this.#allowed(join(folder, name)), name, look)
    } catch (error) {
      if (error instanceof UserError) return null
      throw error
    }
  }

  async #entry(path: string, name: string, look: boolean): Promise<FileEntry | null> {
    const info = await stat(path).catch(() => null) // gone since it was listed, or not readable: not offered
    if (info === null || !(info.isFile() || info.isDirectory())) return null
    const kind = info.isFile() ? 'file' : 'folder'
    const recognised = kind === 'file' && look ? await this.#recognise(path, name) : null
    return {
      handle: this.#handle(path),
      name: visibleLine(name),
      kind,
      sizeBytes: kind === 'file' ? info.size : 0,
      recognised
    }
  }

  async #recognise(path: string, name: string): Promise<string | null> {
    try {
      const file = await open(path, 'r')
      try {
        const header = new Uint8Array(this.#options.headerBytes)
        const { bytesRead } = await file.read(header, 0, header.length, 0)
        return this.#options.recognise(header.subarray(0, bytesRead), name)
      } finally {
        await file.close()
      }
    } catch {
      return null // not readable: listed without a badge, and the import says why
    }
  }

  /** The real path, which must lie under a root. @throws UserError('not-found' | 'forbidden') */
  async #allowed(path: string): Promise<string> {
    const real = await realpath(path).catch((error: unknown) => {
      throw new UserError('not-found', `${basename(path)} ${openProblem(error)}`)
    })
    const roots = await Promise.all(this.#options.roots.map(root => realpath(root).catch(() => root)))
    if (roots.some(root => isInside(real, root))) return real
    throw new UserError('forbidden', `${basename(path)} lies outside the folders that may be listed`)
  }

  #isRoot(path: string): boolean {
    return this.#options.roots.includes(path)
  }

  #handle(path: string): string {
    const known = this.#handles.get(path)
    if (known !== undefined) return known
    if (this.#handles.size >= knownHandles) {
      this.#handles.clear()
      this.#paths.clear()
    }
    const handle = randomUUID()
    this.#handles.set(path, handle)
    this.#paths.set(handle, path)
    return handle
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    throw new UserError('not-found', `the folder ${basename(folder)} ${openProblem(error)}`)
  }
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

function foldersFirst(a: FileEntry, b: FileEntry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1
  return a.name.localeCompare(b.name, undefined, { numeric: true })
}
