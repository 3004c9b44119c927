import './jitless.ts'
import { z } from 'zod'

/** A number that may be non-finite; JSON has no NaN or infinity, so they travel by name. */
export const scalar = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
export type Scalar = z.infer<typeof scalar>

export const toScalar = (value: number): Scalar =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'

export const fromScalar = (value: Scalar): number => Number(value)

export const columnDtype = z.enum(['float32', 'float64', 'int32', 'uint8'])
export type ColumnDtype = z.infer<typeof columnDtype>

/** A numeric array in transit: little-endian bytes in base64, with its shape (row-major). Non-finite values survive. */
export const column = z.object({
  dtype: columnDtype,
  shape: z.array(z.number().int().nonnegative()),
  data: z.string()
})
export type Column = z.infer<typeof column>
export type ColumnArray = Float32Array | Float64Array | Int32Array | Uint8Array

const constructors = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array }

/** Wraps a typed array for the wire; `shape` defaults to one dimension. */
export function encodeColumn(array: ColumnArray, shape: readonly number[] = [array.length]): Column {
  const dtype = (Object.keys(constructors) as ColumnDtype[]).find(key => array instanceof constructors[key])
  if (dtype === undefined) throw new Error('invariant: unsupported column type')
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { dtype, shape: [...shape], data: base64Encode(bytes) }
}

/** The typed array of a column in transit. */
export function decodeColumn(value: Column): ColumnArray {
  const bytes = base64Decode(value.data)
  const make = constructors[value.dtype]
  return new make(bytes.buffer, 0, bytes.byteLength / make.BYTES_PER_ELEMENT)
}

/** What engines have for it, some a hundred times faster than letters one by one. */
interface NativeBase64 {
  readonly Buffer?: {
    readonly from: (
      bytes: ArrayBufferLike,
      offset: number,
      length: number
    ) => { readonly toString: (encoding: 'base64') => string }
  }
}

function base64Encode(bytes: Uint8Array): string {
  const { toBase64 } = bytes as { readonly toBase64?: () => string }
  if (toBase64) return toBase64.call(bytes)
  const { Buffer } = globalThis as NativeBase64
  if (Buffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  }
  return btoa(binary)
}

function base64Decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

export const id = z.string().regex(/^[a-z0-9-]{1,64}$/)
/** Milliseconds since 1970, wall clock, for people; durations are measured by the monotonic clock. */
export const timestamp = z.number()
export const page = {
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().min(1).max(1000).default(100)
}
/** A plain JSON object, for values whose schema another place owns (algorithm configurations). */
export const json = z.record(z.string(), z.unknown())
export const empty = z.object({})
