/** Simulator states in HDF5 files: `infos/qpos` and `infos/qvel`. */
import { UserError } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'
import type { DatasetColumns, RobotStates } from '../dataset.ts'
import type { EpisodeStates } from '../states.ts'
import { type Hdf5File, rowsPerBlock } from './hdf5.ts'
import { type Problem, warning } from './importer.ts'
import { requireReadable } from './limits.ts'

type Values = Float32Array | Float64Array
interface StateColumn {
  readonly path: string
  readonly rows: number
  readonly size: number
  /** The file's precision. */
  readonly make: (length: number) => Values
}

const stateColumns = { qpos: 'positions', qvel: 'velocities' } as const

/** What becomes of a column under `infos`. */
export const useOfInfo = (name: string): string | null =>
  name === 'qpos'
    ? 'joint positions of the simulator'
    : name === 'qvel'
      ? 'joint velocities of the simulator'
      : null

function columnAt(file: Hdf5File, path: string): StateColumn | null {
  if (file.kind(path) !== 'dataset') return null
  const info = readableInfo(file, path)
  if (info === null) return null
  const { shape, numeric, dtype } = info
  const size = sizeOf(shape.slice(1))
  if (!numeric || shape.length !== 2 || size === 0) return null
  requireReadable(path.slice(1), shape)
  const make = (length: number) => (dtype === 'float64' ? new Float64Array(length) : new Float32Array(length))
  return { path, rows: shape[0], size, make }
}

/** States are an addition: a column that cannot be read is told among the file's columns, and the data are imported. */
function readableInfo(file: Hdf5File, path: string): ReturnType<Hdf5File['info']> | null {
  try {
    return file.info(path)
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

function pairAt(file: Hdf5File, group: string): readonly [StateColumn, StateColumn] | null {
  if (file.kind(group) !== 'group') return null
  const [qpos, qvel] = Object.keys(stateColumns).map(name => columnAt(file, `${group}/${name}`))
  return qpos === null || qvel === null ? null : [qpos, qvel]
}

/** The states of a D4RL file, one row a step; undefined where it has none, with a problem where they do not fit. */
export function flatStates(
  file: Hdf5File,
  { episodes }: DatasetColumns,
  rows: number,
  problems: Problem[]
): RobotStates | undefined {
  const pair = pairAt(file, '/infos')
  if (pair === null) return undefined
  const odd = pair.find(column => column.rows !== rows)
  if (odd !== undefined) {
    problems.push(
      warning(`${odd.path.slice(1)} has ${odd.rows} rows, observations ${rows}; the states are not imported`)
    )
    return undefined
  }
  const [positions, velocities] = pair.map(column => {
    const out = column.make((rows + episodes.length) * column.size).fill(NaN)
    let episode = 0
    eachBlock(file, column, (block, first) => {
      for (let row = first; row < first + block.length / column.size; row++) {
        while (row >= episodes[episode].firstRow + episodes[episode].length) episode++
        const at = (row + episode) * column.size
        out.set(block.subarray((row - first) * column.size, (row - first + 1) * column.size), at)
      }
    })
    return out
  })
  return { positionSize: pair[0].size, velocitySize: pair[1].size, positions, velocities }
}

function eachBlock(file: Hdf5File, column: StateColumn, use: (block: Values, first: number) => void): void {
  const most = rowsPerBlock(column.size)
  for (let first = 0; first < column.rows; first += most)
    use(file.rows(column.path, first, Math.min(most, column.rows - first)), first)
}

/** States of one episode as a file keeps them: [T + 1 or T, size] each. */
export interface RecordedStates extends EpisodeStates {
  readonly positionSize: number
  readonly velocitySize: number
}

/** The states of one Minari episode, whose `infos` hold T + 1 rows (older files: T); null where it has none. */
export function groupStates(file: Hdf5File, group: string): RecordedStates | null {
  const pair = pairAt(file, `/${group}/infos`)
  if (pair === null) return null
  const [positions, velocities] = pair.map(column => {
    const out = column.make(column.rows * column.size)
    eachBlock(file, column, (block, first) => out.set(block, first * column.size))
    return out
  })
  return { positionSize: pair[0].size, velocitySize: pair[1].size, positions, velocities }
}

/** States of one episode as T + 1 rows, NaN where the file has no last one; null where they do not fit its length. */
export function fitStates(states: RecordedStates, length: number): EpisodeStates | null {
  const fit = (values: Values, size: number): Values | null => {
    const rows = values.length / size
    if (rows === length + 1) return values
    if (rows !== length) return null
    const wanted = (length + 1) * size
    const out = values instanceof Float64Array ? new Float64Array(wanted) : new Float32Array(wanted)
    out.fill(NaN).set(values)
    return out
  }
  const positions = fit(states.positions, states.positionSize)
  const velocities = fit(states.velocities, states.velocitySize)
  return positions === null || velocities === null ? null : { positions, velocities }
}
