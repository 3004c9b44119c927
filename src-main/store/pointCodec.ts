import { crc32 } from 'node:zlib'

/**
 * How points lie in a blob: one byte per column saying how it is coded, padding to 8 bytes, then the columns as little-endian
 * float64, so that NaN, infinities and -0 keep their bits. A column that is exactly `first + i * stride` (steps nearly always
 * are) is stored as these two numbers.
 */
const raw = 0
const arithmetic = 1
const headerBytes = 8

/** Columns of equal length as one blob. */
export function packColumns(columns: readonly Float64Array[]): Uint8Array {
  const coded = columns.map(column => (isArithmetic(column) ? column.slice(0, 2) : column))
  coded.forEach((column, i) => {
    if (column !== columns[i]) column[1] -= column[0]
  })
  const bytes = new Uint8Array(headerBytes + coded.reduce((sum, column) => sum + column.byteLength, 0))
  let offset = headerBytes
  coded.forEach((column, i) => {
    bytes[i] = column === columns[i] ? raw : arithmetic
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset)
    offset += column.byteLength
  })
  return bytes
}

/** The columns of a blob, `length` numbers each. */
export function unpackColumns(bytes: Uint8Array, count: number, length: number): Float64Array[] {
  const numbers = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset + headerBytes, bytes.byteOffset + bytes.byteLength)
  )
  let offset = 0
  return Array.from({ length: count }, (_, column) => {
    if (bytes[column] === raw) return numbers.subarray(offset, (offset += length))
    const [first, stride] = numbers.subarray(offset, (offset += 2))
    return Float64Array.from({ length }, (_value, i) => first + i * stride)
  })
}

/** Number of points in a blob whose columns are all raw or arithmetic needs the row; this is the checksum over row and blob. */
export function pointsCrc(row: readonly number[], ...blobs: readonly Uint8Array[]): number {
  const start = crc32(new Uint8Array(Float64Array.from(row).buffer))
  return blobs.reduce((crc, blob) => crc32(blob, crc), start)
}

function isArithmetic(column: Float64Array): boolean {
  if (column.length <= 2) return false
  const first = column[0]
  const stride = column[1] - first
  for (let i = 0; i < column.length; i++) if (!Object.is(column[i], first + i * stride)) return false
  return true
}

/** What is known of a sealed chunk without reading it; `minimum` and `maximum` are NaN when no value is finite. */
export interface ChunkSummary {
  readonly finite: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
  readonly last: number
}

export function summarise(values: Float64Array): ChunkSummary {
  let finite = 0
  let sum = 0
  let minimum = Infinity
  let maximum = -Infinity
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    finite++
    sum += value
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
  }
  const none = finite === 0
  return {
    finite,
    sum,
    minimum: none ? NaN : minimum,
    maximum: none ? NaN : maximum,
    last: values[values.length - 1]
  }
}

export const packSummary = (summary: ChunkSummary): Float64Array =>
  Float64Array.of(summary.finite, summary.sum, summary.minimum, summary.maximum, summary.last)

export function unpackSummary(numbers: Float64Array): ChunkSummary {
  const [finite, sum, minimum, maximum, last] = numbers
  return { finite, sum, minimum, maximum, last }
}
