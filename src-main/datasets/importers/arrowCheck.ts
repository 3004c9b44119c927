/**
 * A look at the tables of an Arrow file before the library reads it: damaged ones claim billions of entries, which the library visits
 * one by one. Layout: Arrow columnar format, "IPC file format", `File.fbs`, `Schema.fbs` and `Message.fbs`; FlatBuffers internals.
 */
import { arrowMagic } from './minari.ts'

const blockBytes = 24
const nodeBytes = 16
const maximumFields = 10_000
const maximumBlocks = 100_000
const magicBytes = arrowMagic.length

/** A FlatBuffers table in `view`. Reads outside the bytes throw a RangeError. */
interface FlatTable {
  readonly view: DataView
  readonly at: number
}

const tableAt = (view: DataView, at: number): FlatTable => ({ view, at: at + view.getUint32(at, true) })

/** Position of a field's value, or null where the table has none. */
function fieldAt({ view, at }: FlatTable, field: number): number | null {
  const vtable = at - view.getInt32(at, true)
  const slot = 4 + 2 * field
  if (slot >= view.getUint16(vtable, true)) return null
  const offset = view.getUint16(vtable + slot, true)
  return offset === 0 ? null : at + offset
}

/** Start and length of a vector field, checked to lie inside the bytes. */
function vectorAt(table: FlatTable, field: number, elementBytes: number): { start: number; length: number } {
  const position = fieldAt(table, field)
  if (position === null) return { start: 0, length: 0 }
  const { view } = table
  const vector = position + view.getUint32(position, true)
  const length = view.getUint32(vector, true)
  if (vector + 4 + length * elementBytes > view.byteLength) throw new Error(`a list claims ${length} entries`)
  return { start: vector + 4, length }
}

function checkFields(table: FlatTable, field: number, budget: { left: number }): void {
  const { start, length } = vectorAt(table, field, 4)
  budget.left -= length
  if (budget.left < 0) throw new Error(`it claims more than ${maximumFields} columns`)
  for (let i = 0; i < length; i++) {
    const child = tableAt(table.view, start + 4 * i)
    vectorAt(child, 6, 4)
    checkFields(child, 5, budget)
  }
}

function checkSchema(table: FlatTable): void {
  vectorAt(table, 2, 4)
  vectorAt(table, 3, 8)
  checkFields(table, 1, { left: maximumFields })
}

/** One record batch: its message lies at `offset` and is `length` bytes long. */
function checkMessage(whole: DataView, offset: number, length: number): void {
  if (offset < 0 || length < 8 || offset + length > whole.byteLength)
    throw new Error(`a batch lies at byte ${offset}, outside the file`)
  const prefix = whole.getInt32(offset, true) === -1 ? 8 : 4
  const message = tableAt(new DataView(whole.buffer, whole.byteOffset + offset + prefix, length - prefix), 0)
  vectorAt(message, 4, 4)
  const header = fieldAt(message, 2)
  if (header === null) return
  const batch = tableAt(message.view, header)
  const nodes = vectorAt(batch, 1, nodeBytes)
  vectorAt(batch, 2, nodeBytes)
  const rows = fieldAt(batch, 0)
  if (rows !== null) checkCount(whole, batch.view.getBigInt64(rows, true))
  for (let i = 0; i < 2 * nodes.length; i++)
    checkCount(whole, batch.view.getBigInt64(nodes.start + 8 * i, true))
}

/** A value of any column takes at least one bit. */
function checkCount(whole: DataView, count: bigint): void {
  if (count < 0n || count > BigInt(whole.byteLength) * 8n)
    throw new Error(`it claims ${count} values in ${whole.byteLength} bytes`)
}

/** @throws Error (a RangeError among them) where the tables of the file cannot be what they claim */
export function checkArrow(bytes: Uint8Array): void {
  const whole = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lengthAt = bytes.length - magicBytes - 4
  // Without it the library reads the file as a stream, past all that is checked here.
  if (lengthAt < 0 || !arrowMagic.equals(bytes.subarray(-magicBytes)))
    throw new Error('it is cut off: its end is not that of an Arrow file')
  const length = whole.getInt32(lengthAt, true)
  if (length <= 0 || length > lengthAt) throw new Error(`its footer claims ${length} bytes`)
  const footer = tableAt(new DataView(bytes.buffer, bytes.byteOffset + lengthAt - length, length), 0)
  const schema = fieldAt(footer, 1)
  if (schema === null) throw new Error('its footer has no schema')
  checkSchema(tableAt(footer.view, schema))
  vectorAt(footer, 4, 4)
  for (const field of [2, 3]) {
    const blocks = vectorAt(footer, field, blockBytes)
    if (blocks.length > maximumBlocks) throw new Error(`it claims ${blocks.length} batches`)
    for (let i = 0; i < blocks.length; i++) {
      const at = blocks.start + i * blockBytes
      checkMessage(whole, Number(footer.view.getBigInt64(at, true)), footer.view.getInt32(at + 8, true))
    }
  }
}
