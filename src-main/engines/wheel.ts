/** Wheels: zip files with a list of their files' checksums. They may come from anywhere, so nothing in them is believed. */
import { createHash, type Hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { messageOf, UserError } from '../base/errors.ts'
import { fileError, openProblem } from '../base/files.ts'
import { isLinuxX64 } from './simpleIndex.ts'
import { normalName } from './versions.ts'

const mostEntries = 200_000
const longestText = 32 << 20
const largestFile = 4e9
const largestTotal = 20e9

/** An open wheel whose list of files has been read; close it. */
export interface Wheel {
  readonly path: string
  /** As an index writes it. */
  readonly name: string
  readonly version: string
  readonly metadata: string
  /** Sizes of the unpacked files by name. */
  readonly sizes: ReadonlyMap<string, number>
  /**
   * Writes one file, its checksum checked.
   * @throws UserError('invalid-file' | 'disk-full' | 'io-error')
   */
  extract(name: string, target: string, mode: number, progress: (bytes: number) => void): Promise<void>
  close(): void
}

/**
 * Opens a wheel for 64-bit x86 Linux.
 * @throws UserError when it is absent, no wheel, damaged, unsafe, or for another platform
 */
export async function openWheel(path: string): Promise<Wheel> {
  const zip = await openPromise(path, { autoClose: false, strictFileNames: true }).catch((error: unknown) => {
    if (typeof (error as { code?: unknown }).code === 'string')
      throw new UserError('invalid-file', `${path} ${openProblem(error)}`)
    throw damaged(path, messageOf(error))
  })
  try {
    return await readWheel(path, zip)
  } catch (error) {
    zip.close()
    throw error
  }
}

const damaged = (path: string, why: string): UserError =>
  new UserError(
    'invalid-file',
    `${basename(path)} is damaged or no wheel (${why.slice(0, 200).replace(/\.$/, '')}); fetch the file again`,
    { file: basename(path) }
  )

async function readWheel(path: string, zip: ZipFile): Promise<Wheel> {
  const entries = await listEntries(path, zip)
  const info = [...entries.keys()].find(name => /^[^/]+\.dist-info\/METADATA$/.test(name))
  if (info === undefined) throw damaged(path, 'it has no METADATA')
  const text = (name: string) => readText(path, zip, entries, `${dirname(info)}/${name}`)
  const [metadata, tags, record] = [await text('METADATA'), await text('WHEEL'), await text('RECORD')]
  checkPlatform(path, tags)
  const hashes = readRecord(record)
  return {
    path,
    name: normalName(field(metadata, 'Name')),
    version: field(metadata, 'Version'),
    metadata,
    sizes: new Map([...entries].map(([name, entry]) => [name, entry.uncompressedSize])),
    async extract(name, target, mode, progress) {
      const entry = entries.get(name)
      const hash = hashes.get(name)
      if (entry === undefined || hash === undefined) throw damaged(path, `its list of files lacks ${name}`)
      if (isLink(entry)) throw damaged(path, `${name} is a link`)
      await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
        throw fileError(error, 'write', target)
      })
      await writeEntry({ path, zip, entry, hash, target, mode, progress })
    },
    close: () => zip.close()
  }
}

/** All files, by name; yauzl refuses absolute names and those that lead out of the folder. */
async function listEntries(path: string, zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  if (zip.entryCount > mostEntries) throw damaged(path, `it claims ${zip.entryCount} files`)
  let total = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      total += entry.uncompressedSize
      if (entry.uncompressedSize > largestFile || total > largestTotal)
        throw damaged(path, `${entry.fileName} claims ${entry.uncompressedSize} bytes`)
      if (entries.has(entry.fileName)) throw damaged(path, `${entry.fileName} is in it twice`)
      entries.set(entry.fileName, entry)
    }
  } catch (error) {
    throw error instanceof UserError ? error : damaged(path, messageOf(error))
  }
  return entries
}

const isLink = (entry: Entry): boolean => ((entry.externalFileAttributes >>> 28) & 0xf) === 0xa

async function readText(
  path: string,
  zip: ZipFile,
  entries: ReadonlyMap<string, Entry>,
  name: string
): Promise<string> {
  const entry = entries.get(name)
  if (entry === undefined) throw damaged(path, `it has no ${name}`)
  if (entry.uncompressedSize > longestText) throw damaged(path, `${name} is too long`)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
  } catch (error) {
    throw damaged(path, messageOf(error))
  }
  return Buffer.concat(chunks).toString('utf8')
}

function field(metadata: string, key: string): string {
  return new RegExp(`^${key}:\\s*(.*?)\\s*$`, 'm').exec(metadata)?.[1] ?? ''
}

function checkPlatform(path: string, tags: string): void {
  const platforms = [...tags.matchAll(/^Tag:\s*\S+-(\S+?)\s*$/gm)].map(match => match[1])
  if (platforms.some(isLinuxX64)) return
  throw new UserError(
    'invalid-file',
    `${basename(path)} is made for ${platforms.join(', ') || 'no platform'}; take the one for manylinux x86_64`
  )
}

/** SHA-256 in URL-safe base64 by file name: lines of `name,sha256=...,size`. */
function readRecord(record: string): Map<string, string> {
  return new Map(
    record.split(/\r?\n/).flatMap(line => {
      const match = /^"?(.*?)"?,sha256=([A-Za-z0-9_-]+)=*,\d*$/.exec(line)
      return match === null ? [] : [[match[1].replaceAll('""', '"'), match[2]] as const]
    })
  )
}

interface EntryToWrite {
  readonly path: string
  readonly zip: ZipFile
  readonly entry: Entry
  readonly hash: string
  readonly target: string
  readonly mode: number
  readonly progress: (bytes: number) => void
}

async function writeEntry({ path, zip, entry, hash, target, mode, progress }: EntryToWrite): Promise<void> {
  const found = createHash('sha256')
  try {
    const source = await zip.openReadStreamPromise(entry)
    await pipeline(
      source,
      tap(found, progress),
      createWriteStream(target, { flags: 'wx', mode, flush: true })
    )
  } catch (error) {
    const known = fileError(error, 'write', target)
    throw known instanceof UserError ? known : damaged(path, `${entry.fileName}: ${messageOf(error)}`)
  }
  if (found.digest('base64url') !== hash) throw damaged(path, `the checksum of ${entry.fileName} is wrong`)
}

const tap = (hash: Hash, progress: (bytes: number) => void): Transform =>
  new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      progress(chunk.byteLength)
      done(null, chunk)
    }
  })

/** Where the files of a wheel that an engine needs go: paths under the engine's folder; all others stay packed. */
export function neededFiles(wheel: Pick<Wheel, 'sizes'>): { name: string; place: string; mode: number }[] {
  return [...wheel.sizes.keys()].flatMap(name => {
    const place = placeOf(name)
    return place === null ? [] : [{ name, place, mode: /\/bin\/[^/]+$/.test(name) ? 0o755 : 0o644 }]
  })
}

/** Folder for headers; they are deleted when the binding is built. */
export const includeFolder = 'include'

function placeOf(name: string): string | null {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(name)
  if (library !== null) return join('lib', library[1])
  const header =
    /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h)$/.exec(
      name
    )
  if (header !== null) return join(includeFolder, header[1])
  // XLA looks for its assembler beside the folder of the libraries, as it lies in a Python installation.
  if (/^nvidia\/cuda_nvcc\/(?:bin\/(?:ptxas|nvlink|fatbinary)|nvvm\/libdevice\/[^/]+\.bc)$/.test(name))
    return name
  return /^nvidia\/[a-z0-9_]+\/lib\/[^/]+\.so(?:\.[0-9]+)*$/.test(name) ? join('lib', name) : null
}
