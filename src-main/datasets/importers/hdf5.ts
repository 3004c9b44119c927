/**
 * HDF5 through h5wasm, confined to one open file: the WebAssembly file system holds a single node whose reads go to that file, so
 * external storage and external links find nothing; they and virtual datasets are also refused by name. Reads go in slices: the
 * limit is 2 GiB a read, and WebAssembly memory never shrinks.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type * as H5Wasm from 'h5wasm'
import { messageOf, UserError } from '../../base/errors.ts'

const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)

/** True where the HDF5 signature stands at 0, 512, 1024 ... in the bytes given. */
export function isHdf5(header: Uint8Array): boolean {
  for (let at = 0; at + 8 <= header.length; at = at === 0 ? 512 : at * 2) {
    if (signature.every((byte, i) => header[at + i] === byte)) return true
  }
  return false
}

interface Hdf5Info {
  readonly shape: readonly number[]
  /** As people write it: `float32`, `bool`, `text`. */
  readonly dtype: string
  readonly numeric: boolean
  readonly integer: boolean
}

/** A file opened for reading; paths are absolute (`/metadata/env_id`). */
export interface Hdf5File {
  /** Names in a group, in the file's order. */
  keys(path: string): string[]
  kind(path: string): 'group' | 'dataset' | 'other' | 'absent'
  /** Shape and type of a dataset. @throws UserError('invalid-file' | 'unsupported') */
  info(path: string): Hdf5Info
  /** Rows `first` to `first + count` of the leading dimension, flattened; whole arrays are read in blocks by the caller. */
  rows(path: string, first: number, count: number): Float64Array | Float32Array
  /** A scalar or short dataset as text, for people. */
  text(path: string): string
}

/** Most bytes of one read. */
const blockBytes = 16 << 20
/** HDF5 filters that are built in: gzip, shuffle, fletcher32, szip, n-bit, scale-offset. */
const builtInFilters = new Set([1, 2, 3, 4, 5, 6])
const otherFilters: Readonly<Record<number, string>> = {
  32000: 'LZF',
  32001: 'Blosc',
  32004: 'LZ4',
  32015: 'Zstandard',
  32026: 'Blosc2'
}

type MemoryNode = { usedBytes: number; stream_ops: Record<string, unknown> }
type MemoryFileSystem = {
  create(path: string, mode: number): void
  lookupPath(path: string): { node: MemoryNode }
}

const opened = new Map<string, Hdf5File>()
let mounts = 0

/**
 * Opens an HDF5 file for the life of the process; importers that look at the same file share it.
 * @throws UserError('invalid-file')
 */
export async function openHdf5(path: string): Promise<Hdf5File> {
  // Loaded here: other processes only ask whether a file begins as HDF5.
  const h5 = await import('h5wasm')
  const library = await h5.ready
  library.activate_throwing_error_handler()
  const descriptor = openSync(path, 'r')
  const { dev, ino, size, mtimeMs } = fstatSync(descriptor)
  const identity = [dev, ino, size, mtimeMs].join(' ')
  const known = opened.get(identity)
  if (known !== undefined) {
    closeSync(descriptor)
    return known
  }
  const file = mount(h5, library, descriptor, `/import-${mounts++}.h5`)
  opened.set(identity, file)
  return file
}

function mount(h5: typeof H5Wasm, library: Library, descriptor: number, place: string): Hdf5File {
  const files = library.FS as unknown as MemoryFileSystem
  files.create(place, 0o444)
  const { node } = files.lookupPath(place)
  node.usedBytes = fstatSync(descriptor).size
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream: unknown, buffer: Int8Array, offset: number, length: number, position: number) =>
      readSync(descriptor, buffer, offset, length, position)
  }
  const id = attempt('the file', () => new h5.File(place, 'r').file_id)
  const dataset = (path: string) => new h5.Dataset(id, path)
  return {
    keys: group => attempt(group, () => library.get_names(id, group, false)),
    kind: path => kindOf(library, id, path),
    info: path => infoOf(dataset(path), path),
    rows: (path, first, count) => readRows(dataset(path), path, first, count),
    text: path => attempt(path, () => textOf(dataset(path).value))
  }
}

/** Rows of a dataset that fit one read. */
export const rowsPerBlock = (rowLength: number): number =>
  Math.max(1, Math.floor(blockBytes / 8 / Math.max(1, rowLength)))

type Library = Awaited<typeof H5Wasm.ready>

/** Walks the path link by link, so that a link to another file is met before HDF5 follows it. */
function kindOf(library: Library, id: bigint, path: string): 'group' | 'dataset' | 'other' | 'absent' {
  const parts = path.split('/').filter(part => part !== '')
  let kind: 'group' | 'dataset' | 'other' | 'absent' = 'group'
  for (let depth = 1; depth <= parts.length; depth++) {
    const here = '/' + parts.slice(0, depth).join('/')
    const type = attempt(here, () => library.get_type(id, here))
    if (type === library.H5G_UDLINK) throw leadsOutside(here, 'an external link')
    kind =
      type === library.H5G_GROUP
        ? 'group'
        : type === library.H5G_DATASET
          ? 'dataset'
          : type < 0
            ? 'absent'
            : 'other'
    if (kind === 'absent') return kind
  }
  return kind
}

const leadsOutside = (path: string, what: string): UserError =>
  new UserError(
    'unsupported',
    `${path} is ${what} to another file; an import reads only the file that was picked, so save the data inside it`
  )

function infoOf(dataset: H5Wasm.Dataset, path: string): Hdf5Info {
  const metadata = attempt(path, () => dataset.metadata)
  if (metadata.virtual_sources !== undefined) throw leadsOutside(path, 'a virtual dataset that points')
  for (const filter of attempt(path, () => dataset.filters)) {
    if (builtInFilters.has(filter.id)) continue
    const name = otherFilters[filter.id] ?? `filter ${filter.id}`
    throw new UserError(
      'unsupported',
      `${path} is compressed with ${name}, which cannot be read here; save the file again with gzip`
    )
  }
  if (metadata.shape === null)
    throw new UserError('invalid-file', `${path} has no data (an empty HDF5 dataspace)`)
  const dtype = typeName(metadata)
  if (/^float(?!32|64)/.test(dtype)) {
    throw new UserError(
      'unsupported',
      `${path} holds ${dtype}, which cannot be read here; save it as float32`
    )
  }
  return {
    shape: metadata.shape,
    dtype,
    numeric: /^(u?int|float|bool)/.test(dtype),
    integer: /^(u?int|bool)/.test(dtype)
  }
}

/** HDF5's classes of values that are no numbers. */
const otherTypes: Readonly<Record<number, string>> = {
  3: 'text',
  4: 'bit fields',
  7: 'references',
  9: 'lists of different lengths'
}

function typeName(metadata: H5Wasm.Metadata): string {
  if (metadata.type === 0) return `${metadata.signed ? 'int' : 'uint'}${metadata.size * 8}`
  if (metadata.type === 1) return `float${metadata.size * 8}`
  if (metadata.type === 8) return metadata.enum_type?.members.TRUE === 1 ? 'bool' : 'enum'
  if (metadata.type === 6) {
    const parts = metadata.compound_type?.members.map(({ name }) => name).join()
    return parts === 'r,i' ? 'complex numbers' : 'records of several fields'
  }
  return otherTypes[metadata.type] ?? `HDF5 class ${metadata.type}`
}

function readRows(
  dataset: H5Wasm.Dataset,
  path: string,
  first: number,
  count: number
): Float64Array | Float32Array {
  const value = attempt(path, () => dataset.slice([[first, first + count]]))
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  if (ArrayBuffer.isView(value))
    return Float64Array.from(value as unknown as ArrayLike<number | bigint>, Number)
  throw new UserError('invalid-file', `${path} does not hold numbers`)
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array && value.length < 4096) return new TextDecoder().decode(value)
  if (ArrayBuffer.isView(value))
    return Array.from(value as unknown as ArrayLike<number>)
      .slice(0, 16)
      .join(', ')
  return Array.isArray(value) ? value.slice(0, 16).map(String).join(', ') : String(value)
}

/** HDF5 reports a stack of errors; its last line says what was wrong. */
function attempt<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) throw error
    const cut = /truncated file: eof = (\d+).*stored_eof = (\d+)/.exec(messageOf(error))
    if (cut !== null) {
      const text = `the file is cut off: ${cut[1]} of its ${cut[2]} bytes are there; copy or download it again`
      throw new UserError('invalid-file', text)
    }
    throw new UserError('invalid-file', `${path} cannot be read: ${deepestCause(messageOf(error))}`)
  }
}

function deepestCause(message: string): string {
  const causes = [...message.matchAll(/^\s*#\d+: .*?\(\): (.*)$/gm)].map(match => match[1].trim())
  const cause = causes.at(-1) ?? message.split('\n')[0]
  return /external raw data file|external file/i.test(message)
    ? `it keeps its data in another file (${cause})`
    : cause.slice(0, 300)
}
