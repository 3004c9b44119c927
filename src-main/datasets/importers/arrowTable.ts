/** One Arrow file as a table, and its columns as numbers. Loaded only where an Arrow file is read. */
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { type Data, DataType, Precision, type Table, tableFromIPC, type Vector } from 'apache-arrow'
import { messageOf, UserError } from '../../base/errors.ts'
import { checkArrow } from './arrowCheck.ts'
import type { FileColumn } from './importer.ts'
import { arrowMagic, type MinariEpisode } from './minari.ts'
import { type Leaf, leafName } from './spaces.ts'

/** Reads the table of one episode; links are not followed. @throws UserError('invalid-file' | 'unsupported') */
export async function readTable(path: string, name: string): Promise<Table> {
  const stat = await lstat(path).catch(() => null)
  if (stat === null) throw new UserError('invalid-file', `episode ${name} has no part-0.arrow`)
  if (!stat.isFile())
    throw new UserError(
      'unsupported',
      `part-0.arrow of episode ${name} is a link; an import reads only what lies in the folder that was picked`
    )
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const bytes = await file.readFile()
    if (!arrowMagic.equals(bytes.subarray(0, 6))) throw new Error('it does not begin as an Arrow file')
    checkArrow(bytes)
    const table = tableFromIPC(bytes)
    // A row of any column takes at least one bit.
    if (table.numRows > bytes.length * 8)
      throw new Error(`it claims ${table.numRows} rows in ${bytes.length} bytes`)
    return table
  } catch (error) {
    throw new UserError(
      'invalid-file',
      `part-0.arrow of episode ${name} cannot be read: ${messageOf(error).slice(0, 300)}`
    )
  } finally {
    await file.close()
  }
}

/** Observations keep all T + 1 rows; of the others the padding row goes. */
export function episodeOf(table: Table, name: string, leaves: readonly Leaf[]): MinariEpisode {
  const steps = table.numRows - 1
  if (steps < 0) throw new UserError('invalid-file', `episode ${name} has no rows`)
  const column = (key: string, rows: number) => {
    const vector = table.getChild(key)
    if (vector === null) throw new UserError('invalid-file', `episode ${name} has no column ${key}`)
    return numbersOf(vector, `${key} of episode ${name}`, rows)
  }
  return {
    name: `episode ${name}`,
    leaves: leaves.map(leaf => leafNumbers(table, leaf, name)),
    actions: column('actions', steps),
    rewards: column('rewards', steps),
    terminations: column('terminations', steps),
    truncations: column('truncations', steps)
  }
}

function leafNumbers(table: Table, leaf: Leaf, name: string): Float32Array {
  let vector: Vector | null = table.getChild('observations')
  for (const key of leaf.keys) vector = vector?.getChild(key) ?? null
  if (vector === null)
    throw new UserError('invalid-file', `episode ${name} has no observation ${leafName(leaf)}`)
  const numbers = numbersOf(vector, `observation ${leafName(leaf)} of episode ${name}`, table.numRows)
  if (numbers.length !== table.numRows * leaf.stored) {
    throw new UserError(
      'invalid-file',
      `observation ${leafName(leaf)} of episode ${name} has ${numbers.length} numbers in ${table.numRows} rows, the space ${leaf.stored} a row`
    )
  }
  return numbers
}

/** The first `rows` of a column of numbers, flags, or lists of equal length of these. */
function numbersOf(vector: Vector, where: string, rows: number): Float32Array {
  const parts = vector.data.map(data => flatten(data as Data, where))
  const whole = parts.length === 1 ? parts[0] : Float32Array.from(parts.flatMap(part => Array.from(part)))
  const width = vector.length === 0 ? 0 : whole.length / vector.length
  if (!Number.isInteger(width) || rows > vector.length)
    throw new UserError('invalid-file', `${where} has ${vector.length} rows, ${rows} expected`)
  return whole.slice(0, rows * width)
}

function flatten(data: Data, where: string): Float32Array {
  if (data.nullCount > 0) throw new UserError('invalid-file', `${where} has ${data.nullCount} empty values`)
  const { type } = data
  if (DataType.isFixedSizeList(type)) {
    const child = flatten(data.children[0], where)
    return child.subarray(data.offset * type.listSize, (data.offset + data.length) * type.listSize)
  }
  if (DataType.isBool(type)) {
    const bits = data.values as Uint8Array
    if (bits.length * 8 < data.offset + data.length) throw tooShort(where, bits.length * 8, data.length)
    return Float32Array.from(
      { length: data.length },
      (_, i) => (bits[(data.offset + i) >> 3] >> ((data.offset + i) & 7)) & 1
    )
  }
  if (DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF)) {
    const values = data.values as ArrayLike<number | bigint>
    if (values.length < data.length) throw tooShort(where, values.length, data.length)
    return Float32Array.from({ length: data.length }, (_, i) => Number(values[i]))
  }
  throw new UserError(
    'unsupported',
    `${where} has the Arrow type ${describeType(type)}; numbers and lists of equal length are read`
  )
}

const tooShort = (where: string, found: number, expected: number): UserError =>
  new UserError('invalid-file', `${where} has ${found} values, ${expected} expected`)

/** Columns of one episode as the import page shows them. */
export function columnsOf(table: Table, leaves: readonly Leaf[]): FileColumn[] {
  const uses: Readonly<Record<string, string>> = {
    observations: leaves.length > 0 ? 'observations' : 'not imported',
    actions: 'actions',
    rewards: 'rewards',
    terminations: 'terminations',
    truncations: 'truncations'
  }
  return table.schema.fields.map(field => ({
    name: field.name,
    dtype: describeType(field.type as DataType),
    shape: [table.numRows],
    use: uses[field.name] ?? 'not imported'
  }))
}

/** Arrow's own spelling of a type, such as `Float32` or `FixedSizeList[2]<Float32>`. */
const describeType = (type: DataType): string => (type as { toString(): string }).toString().slice(0, 100)
