/** Downloads that go on where they stopped and end with the bytes that were promised. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../base/errors.ts'
import { fileError, syncFolder } from '../base/files.ts'
import { checkStatus, explained, persistently, request, silentMs, Unreachable, type Wait } from './network.ts'
import type { PinnedFile } from './simpleIndex.ts'

/** No wheel is longer; for indexes that do not tell sizes. */
const longestFile = 8e9

export interface DownloadOptions {
  /** Address of the index, for its name and password. */
  readonly index: string
  /** Called with the bytes that are there so far, and the length of the whole file where it is known. */
  readonly progress: (bytes: number, total: number | null) => void
  readonly wait: Wait
  /** How long the server may say nothing. */
  readonly silentMs?: number
}

/**
 * Fetches a file to `target`. A part that an earlier attempt left is continued; a whole file that is there already is only checked.
 * @throws UserError; after a wrong checksum nothing is left behind
 */
export async function download(file: PinnedFile, target: string, options: DownloadOptions): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true })
    if ((await sizeOf(target)) > 0) {
      if ((await sha256Of(target)) === file.sha256) return
      await rm(target)
    }
    const part = `${target}.part`
    const continued = (await sizeOf(part)) > 0
    await fetchPart(file, part, options)
    if ((await sha256Of(part)) === file.sha256) return await settle(part, target)
    await rm(part)
    if (!continued) throw wrongHash(file)
    // The part of an earlier attempt may be to blame, not the server: once more from the beginning.
    await fetchPart(file, part, options)
    if ((await sha256Of(part)) === file.sha256) return await settle(part, target)
    await rm(part)
    throw wrongHash(file)
  } catch (error) {
    throw fileError(error, 'write', target)
  }
}

const wrongHash = (file: PinnedFile): UserError =>
  new UserError(
    'invalid-file',
    `${file.filename} came damaged: its checksum is not the one the index promises, and it was deleted; install again, ` +
      'and if that does not help, name another index with --index',
    { file: file.filename }
  )

const tooLong = (file: PinnedFile, host: string, most: number): UserError =>
  new UserError(
    'invalid-file',
    `${host} sends more of ${file.filename} than the ${most} bytes that it may have, and what came was deleted; ` +
      'name another index with --index',
    { file: file.filename }
  )

const wrongRange = (file: PinnedFile, host: string, status: number): UserError =>
  new UserError(
    'io-error',
    `${host} answers ${status} to ${file.filename}, as if a part had been asked for, when the whole file was; ` +
      'name another index with --index',
    { file: file.filename, status }
  )

async function settle(part: string, target: string): Promise<void> {
  await rename(part, target)
  await syncFolder(dirname(target))
}

function fetchPart(file: PinnedFile, part: string, options: DownloadOptions): Promise<void> {
  let last = 0
  let gained = false
  return persistently(
    async () => {
      const before = await sizeOf(part)
      gained = before > last
      last = before
      await fetchRest(file, part, options)
    },
    options.wait,
    () => gained
  )
}

/** One request for what is missing. */
async function fetchRest(file: PinnedFile, part: string, options: DownloadOptions): Promise<void> {
  const host = new URL(file.url).host
  const present = await sizeOf(part)
  if (file.sizeBytes !== null && present === file.sizeBytes) return
  const silence = new Silence(options.silentMs ?? silentMs)
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    if (present > 0) headers.range = `bytes=${present}-`
    const response = await request(file.url, { index: options.index, headers, signal: silence.signal })
    const from = startOf(response)
    if (response.status === 416 || (response.status === 206 && from !== present)) {
      await response.body?.cancel()
      if (present === 0) throw wrongRange(file, host, response.status)
      await rm(part) // What is there does not fit this file: begin anew, and then without asking for a range.
      return await fetchRest(file, part, options)
    }
    checkStatus(response, file.filename, host)
    const total = file.sizeBytes ?? lengthOf(response, from)
    const most = file.sizeBytes ?? longestFile
    const bytes = await receiveInto(part, response, { from, most, silence }, done =>
      options.progress(done, total)
    )
    if (bytes > most) {
      await rm(part)
      throw tooLong(file, host, most)
    }
    if (total !== null && bytes < total) throw new Unreachable(`${host} ended ${file.filename} early`)
  } catch (error) {
    throw isFileProblem(error) ? error : explained(error, host)
  } finally {
    silence.end()
  }
}

/** Byte at which an answer begins. */
function startOf(response: Response): number {
  if (response.status !== 206) return 0
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN)
}

function lengthOf(response: Response, from: number): number | null {
  const length = response.headers.get('content-length')
  return length === null ? null : from + Number(length)
}

interface Reception {
  /** Where in the file the answer begins. */
  readonly from: number
  /** Bytes after which nobody listens any longer. */
  readonly most: number
  readonly silence: Silence
}

async function receiveInto(
  part: string,
  response: Response,
  reception: Reception,
  progress: (bytes: number) => void
): Promise<number> {
  const handle = await open(part, reception.from > 0 ? 'r+' : 'w')
  try {
    return await receive(response, handle, reception, progress)
  } finally {
    await handle.close()
  }
}

/** Writes what comes where it belongs. @returns how long the file is then */
async function receive(
  response: Response,
  handle: FileHandle,
  { from, most, silence }: Reception,
  progress: (bytes: number) => void
): Promise<number> {
  let at = from
  progress(at)
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    silence.heard()
    for (let written = 0; written < chunk.byteLength;) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.byteLength - written, at)
      written += bytesWritten
      at += bytesWritten
    }
    progress(at)
    if (at > most) break
  }
  await handle.sync()
  return at
}

/** Aborts when nothing has been heard for a while. */
class Silence {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(ms: number) {
    const reason = Object.assign(new Error('silent'), { code: `nothing heard for ${ms / 1000} s` })
    this.#timer = setTimeout(() => this.#controller.abort(reason), ms)
  }
  get signal(): AbortSignal {
    return this.#controller.signal
  }
  heard(): void {
    this.#timer.refresh()
  }
  end(): void {
    clearTimeout(this.#timer)
  }
}

const isFileProblem = (error: unknown): boolean =>
  /^(ENOSPC|EDQUOT|EACCES|EROFS|EIO|EPERM|EFBIG)$/.test((error as { code?: string } | null)?.code ?? '')

/** Bytes of a download that are there already, whole or in part. */
export const bytesPresent = async (target: string): Promise<number> =>
  (await sizeOf(target)) || (await sizeOf(`${target}.part`))

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0

/** SHA-256 of a file, lower-case hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
