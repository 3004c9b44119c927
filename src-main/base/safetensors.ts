/**
 * The safetensors format (huggingface/safetensors, README "Format"): 8 bytes little-endian header length, a JSON header
 * `{ name: { dtype, shape, data_offsets } , __metadata__ }`, then the data, row-major and little-endian.
 */
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { sizeOf } from './tensors.ts'

export type TensorArray = Float16Array | Float32Array | Float64Array | Int32Array | Uint8Array
export interface StoredTensor {
  readonly shape: readonly number[]
  readonly data: TensorArray
}
export type StoredTensors = Readonly<Record<string, StoredTensor>>

/** The file is not what the format says, or not what we write; the message says where. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

const types = {
  F16: Float16Array,
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  U8: Uint8Array
} as const
type TypeName = keyof typeof types
const maximumHeaderBytes = 100_000_000
const pieceBytes = 64 << 20

const typeNameOf = (data: TensorArray): TypeName =>
  (Object.keys(types) as TypeName[]).find(name => data instanceof types[name])!
const bytesOf = (data: TensorArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** A header entry: where a tensor lies, in bytes from the start of the file. */
export interface TensorEntry {
  readonly type: TypeName
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, TensorEntry>
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Encodes tensors as the pieces of a safetensors file, without copying their data; equal tensors give equal bytes.
 * @param tensors by name; widest element type first in the file so that every tensor is aligned
 * @param metadata text to keep beside them
 */
export function encodeSafetensors(
  tensors: StoredTensors,
  metadata: Readonly<Record<string, string>> = {}
): Uint8Array[] {
  const names = Object.keys(tensors).sort(
    (a, b) => tensors[b].data.BYTES_PER_ELEMENT - tensors[a].data.BYTES_PER_ELEMENT || (a < b ? -1 : 1)
  )
  let offset = 0
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []
  for (const name of names) {
    const { data, shape } = tensors[name]
    if (sizeOf(shape) !== data.length)
      throw new Error(`invariant: tensor ${name} has ${data.length} elements, shape [${shape.join(', ')}]`)
    header.push([name, { dtype: typeNameOf(data), shape, data_offsets: [offset, offset + data.byteLength] }])
    offset += data.byteLength
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const length = Math.ceil(json.length / 8) * 8
  const head = Buffer.alloc(8 + length, 0x20)
  head.writeBigUInt64LE(BigInt(length), 0)
  json.copy(head, 8)
  return [head, ...names.map(name => bytesOf(tensors[name].data))]
}

/**
 * Decodes a whole file in memory; tensors are views of `bytes` where alignment allows.
 * @throws SafetensorsError
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Record<string, StoredTensor>
  metadata: Readonly<Record<string, string>>
} {
  if (bytes.byteLength < 8)
    throw new SafetensorsError(`the file has ${bytes.byteLength} bytes, a safetensors file at least 8`)
  const length = headerLength(bytes, bytes.byteLength)
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.byteLength)
  const tensors: Record<string, StoredTensor> = Object.create(null) as Record<string, StoredTensor>
  for (const [name, entry] of header.entries) tensors[name] = { shape: entry.shape, data: view(bytes, entry) }
  return { tensors, metadata: header.metadata }
}

/**
 * Reads a file of any size, in pieces, and hashes it on the way.
 * @returns its tensors, metadata and SHA-256 (hexadecimal)
 * @throws SafetensorsError, or the system's error
 */
export async function readSafetensors(
  path: string
): Promise<ReturnType<typeof decodeSafetensors> & { sha256: string }> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    const hash = createHash('sha256')
    for (let at = 0; at < size; at += pieceBytes) {
      const piece = bytes.subarray(at, Math.min(size, at + pieceBytes))
      await readExactly(file, piece, at)
      hash.update(piece)
    }
    return { ...decodeSafetensors(bytes), sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

/** Reads the header only. @throws SafetensorsError, or the system's error */
export async function readSafetensorsHeader(file: FileHandle): Promise<SafetensorsHeader> {
  const { size } = await file.stat()
  if (size < 8) throw new SafetensorsError(`the file has ${size} bytes, a safetensors file at least 8`)
  const start = new Uint8Array(8)
  await readExactly(file, start, 0)
  const json = new Uint8Array(headerLength(start, size))
  await readExactly(file, json, 8)
  return parseHeader(json, size)
}

/** Reads elements `first` to `first + count` of a tensor without the rest of the file; half precision comes as float32. */
export async function readElements(
  file: FileHandle,
  entry: TensorEntry,
  first: number,
  count: number
): Promise<Exclude<TensorArray, Float16Array>> {
  const make = types[entry.type]
  const array = new make(new ArrayBuffer(count * make.BYTES_PER_ELEMENT))
  await readExactly(file, bytesOf(array), entry.start + first * make.BYTES_PER_ELEMENT)
  return array instanceof Float16Array ? Float32Array.from(array) : array
}

async function readExactly(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.byteLength;) {
    const { bytesRead } = await file.read(into, at, into.byteLength - at, position + at)
    if (bytesRead === 0)
      throw new SafetensorsError(
        `the file ends at byte ${position + at}, ${position + into.byteLength} expected`
      )
    at += bytesRead
  }
}

function headerLength(start: Uint8Array, fileSize: number): number {
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true))
  if (length > maximumHeaderBytes || 8 + length > fileSize) {
    throw new SafetensorsError(`the header claims ${length} bytes in a file of ${fileSize}`)
  }
  return length
}

function parseHeader(json: Uint8Array, fileSize: number): SafetensorsHeader {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch {
    throw new SafetensorsError('the header is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SafetensorsError('the header is not an object')
  const entries = new Map<string, TensorEntry>()
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(parsed as Record<string, unknown>)) {
    if (name === '__metadata__') metadata = value as Record<string, string>
    else entries.set(name, parseEntry(name, value, 8 + json.byteLength, fileSize))
  }
  return { entries, metadata }
}

function parseEntry(name: string, value: unknown, dataStart: number, fileSize: number): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  const whole = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every(n => Number.isSafeInteger(n) && n >= 0)
  if (typeof dtype !== 'string' || !Object.hasOwn(types, dtype)) {
    throw new SafetensorsError(`tensor ${name} has type ${String(dtype)}; F16, F32, F64, I32 and U8 are read`)
  }
  if (!whole(shape) || !whole(offsets) || offsets.length !== 2)
    throw new SafetensorsError(`tensor ${name} has a malformed entry`)
  const type = dtype as TypeName
  const [start, end] = [dataStart + offsets[0], dataStart + offsets[1]]
  if (end - start !== sizeOf(shape) * types[type].BYTES_PER_ELEMENT || end > fileSize) {
    throw new SafetensorsError(
      `tensor ${name} does not fit: bytes ${start} to ${end} for shape [${shape.join(', ')}] ${type}, file of ${fileSize}`
    )
  }
  return { type, shape, start, end }
}

function view(bytes: Uint8Array, entry: TensorEntry): TensorArray {
  const make = types[entry.type]
  const start = bytes.byteOffset + entry.start
  const count = (entry.end - entry.start) / make.BYTES_PER_ELEMENT
  if (start % make.BYTES_PER_ELEMENT === 0) return new make(bytes.buffer as ArrayBuffer, start, count)
  return new make(bytes.slice(entry.start, entry.end).buffer, 0, count)
}
