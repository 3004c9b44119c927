import { UserError } from '../../base/errors.ts'
import type { Hdf5File } from './hdf5.ts'
import { rowsPerBlock } from './hdf5.ts'
import type { Narrowing } from './narrowing.ts'

/**
 * A reader of rows that keeps the block read last: compressed chunks are unpacked once when rows are read in order, however short
 * the pieces are.
 * @param rowLength numbers in a row
 */
export function blockReader(
  file: Hdf5File,
  path: string,
  rows: number,
  rowLength: number,
  narrowing: Narrowing
): (first: number, count: number) => Float32Array {
  const blockRows = rowsPerBlock(rowLength)
  let start = 0
  let block: Float32Array = new Float32Array()
  const load = (first: number) => {
    start = first
    block = narrowing.take(file.rows(path, first, Math.min(blockRows, rows - first)), path.slice(1))
  }
  return (first, count) => {
    const out = new Float32Array(count * rowLength)
    for (let row = first; row < first + count;) {
      if (row < start || row >= start + block.length / rowLength) load(row)
      const here = Math.min(first + count, start + block.length / rowLength) - row
      if (here <= 0) throw new Error(`invariant: ${path} gave no rows at ${row}`)
      out.set(
        block.subarray((row - start) * rowLength, (row - start + here) * rowLength),
        (row - first) * rowLength
      )
      row += here
    }
    return out
  }
}

/** A whole numeric column of one number a row, as flags: 1 where it is not 0. @throws UserError('invalid-file') for NaN */
export async function readFlags(
  file: Hdf5File,
  path: string,
  rows: number,
  step: () => Promise<void>
): Promise<Uint8Array> {
  const flags = new Uint8Array(rows)
  const blockRows = rowsPerBlock(1)
  for (let first = 0; first < rows; first += blockRows) {
    const values = file.rows(path, first, Math.min(blockRows, rows - first))
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i]))
        throw new UserError(
          'invalid-file',
          `${path.slice(1)} holds NaN in row ${first + i}; a flag is 0 or 1, so mend it first`
        )
      flags[first + i] = values[i] === 0 ? 0 : 1
    }
    await step()
  }
  return flags
}
