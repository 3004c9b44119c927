/** One Arrow file as a table, and its columns as numbers. Loaded only where an Arrow file is read. */
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import {
  type Data,
  DataType,
  type Field,
  Precision,
  type Table,
  tableFromIPC,
  type Vector
} from 'apache-arrow'
import { messageOf, UserError } from '../../base/errors.ts'
import { openProblem } from '../../base/files.ts'
import { checkArrow } from './arrowCheck.ts'
import type { FileColumn } from './importer.ts'
import { arrowMagic, type MinariEpisode } from './minari.ts'
import type { Narrowing } from './narrowing.ts'
import { type Leaf, leafName } from './spaces.ts'
import { type RecordedStates, useOfInfo } from './states.ts'

/** Reads the table of one episode; links are not followed. @throws UserError('invalid-file' | 'unsupported') */
export async function readTable(path: string, name: string): Promise<Table> {
  const unreadable = (error: unknown): never => {
    throw new UserError('invalid-file', `part-0.arrow of episode ${name} ${openProblem(error)}`)
  }
  const stat = await lstat(path).catch(unreadable)
  if (!stat.isFile())
    throw new UserError(
      'unsupported',
      `part-0.arrow of episode ${name} is a link; an import reads only what lies in the folder that was picked`
    )
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unreadable)
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

/** Observations and infos keep all T + 1 rows; of the others the padding row goes. */
export function episodeOf(
  table: Table,
  name: string,
  leaves: readonly Leaf[],
  narrowing: Narrowing
): MinariEpisode {
  const steps = table.numRows - 1
  if (steps < 0) throw new UserError('invalid-file', `episode ${name} has no rows`)
  const column = (key: string, rows: number) => {
    const vector = table.getChild(key)
    if (vector === null) throw new UserError('invalid-file', `episode ${name} has no column ${key}`)
    return narrowing.take(numbersOf(vector, `${key} of episode ${name}`, rows), key)
  }
  return {
    name: `episode ${name}`,
    leaves: leaves.map(leaf => leafNumbers(table, leaf, name, narrowing)),
    actions: column('actions', steps),
    rewards: column('rewards', steps),
    terminations: column('terminations', steps),
    truncations: column('truncations', steps),
    states: statesOf(table)
  }
}

function leafNumbers(table: Table, leaf: Leaf, name: string, narrowing: Narrowing): Float32Array {
  let vector: Vector | null = table.getChild('observations')
  for (const key of leaf.keys) vector = vector?.getChild(key) ?? null
  if (vector === null)
    throw new UserError('invalid-file', `episode ${name} has no observation ${leafName(leaf)}`)
  const numbers = narrowing.take(
    numbersOf(vector, `observation ${leafName(leaf)} of episode ${name}`, table.numRows),
    ['observations', ...leaf.keys].join('/')
  )
  if (numbers.length !== table.numRows * leaf.stored) {
    throw new UserError(
      'invalid-file',
      `observation ${leafName(leaf)} of episode ${name} has ${numbers.length} numbers in ${table.numRows} rows, the space ${leaf.stored} a row`
    )
  }
  return numbers
}

/** Joint positions and velocities under `infos`, in the file's precision; null where they are not, or are no numbers. */
function statesOf(table: Table): RecordedStates | null {
  const infos = table.getChild('infos')
  const rows = table.numRows
  const read = (key: string): Values | null => {
    const vector = infos?.getChild(key) ?? null
    if (vector === null || !DataType.isFixedSizeList(vector.type as DataType)) return null
    try {
      return numbersOf(vector, key, rows)
    } catch (error) {
      // States are an addition: what cannot be read as such is left out, and the data are imported.
      if (error instanceof UserError) return null
      throw error
    }
  }
  const [positions, velocities] = [read('qpos'), read('qvel')]
  if (positions === null || velocities === null || rows === 0) return null
  return {
    positionSize: positions.length / rows,
    velocitySize: velocities.length / rows,
    positions,
    velocities
  }
}

type Values = Float32Array | Float64Array

/** The first `rows` of a column of numbers, flags, or lists of equal length of these, in the file's precision. */
function numbersOf(vector: Vector, where: string, rows: number): Values {
  const whole = joined(vector.data.map(data => flatten(data as Data, where)))
  const width = vector.length === 0 ? 0 : whole.length / vector.length
  if (!Number.isInteger(width) || rows > vector.length)
    throw new UserError('invalid-file', `${where} has ${vector.length} rows, ${rows} expected`)
  return whole.slice(0, rows * width)
}

function joined(parts: readonly Values[]): Values {
  if (parts.length === 1) return parts[0]
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = parts[0] instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function flatten(data: Data, where: string): Values {
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
    if (values instanceof Float32Array || values instanceof Float64Array) return values.slice(0, data.length)
    return Float64Array.from({ length: data.length }, (_, i) => Number(values[i]))
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
  const states = statesOf(table) !== null
  const infos = (table.getChild('infos')?.type as DataType | undefined)?.children ?? []
  return [
    ...table.schema.fields
      .filter(field => field.name !== 'infos' || infos.length === 0)
      .map(field => columnOf(field, uses[field.name] ?? null, '', table)),
    ...infos
      .slice(0, 50)
      .map(field => columnOf(field, states ? useOfInfo(field.name) : null, 'infos/', table))
  ]
}

const columnOf = (field: Field, use: string | null, prefix: string, table: Table): FileColumn => ({
  name: `${prefix}${field.name}`.slice(0, 200),
  dtype: describeType(field.type as DataType),
  shape: [table.numRows],
  use: use ?? 'not imported'
})

/** Arrow's own spelling of a type, such as `Float32` or `FixedSizeList[2]<Float32>`. */
const describeType = (type: DataType): string => (type as { toString(): string }).toString().slice(0, 100)
