import type { HostTensors, NumericArray } from '../../base/tensors.ts'
import { sizeOf } from '../../base/tensors.ts'
import type { Columns } from '../check.ts'
import type { RunRequest, RunResult } from '../engine.ts'
import type { Program } from '../program.ts'
import { NotStackable } from './commonGraph.ts'
import { mapEntries } from './mapEntries.ts'

/** States of several lanes as one, [lanes, ...shape] each. */
export function stackStates(states: readonly HostTensors[]): HostTensors {
  return mapEntries(states[0], ({ shape, dtype, data: first }, name) => {
    const data = emptyLike(first, states.length * first.length)
    states.forEach((state, lane) => data.set(state[name].data, lane * first.length))
    return { shape: [states.length, ...shape], dtype, data }
  })
}

/** A copy of one lane's part of a stacked state. */
export function unstackState(stacked: HostTensors, lane: number): HostTensors {
  return mapEntries(stacked, ({ shape, dtype, data }) => {
    const size = sizeOf(shape.slice(1))
    return { shape: shape.slice(1), dtype, data: data.slice(lane * size, (lane + 1) * size) }
  })
}

const emptyLike = (data: NumericArray, length: number): NumericArray =>
  new (data.constructor as new (length: number) => NumericArray)(length)

/** Resident columns of several lanes: those with equal values once, the others row by row beside each other. */
export interface StackedColumns {
  readonly columns: Columns
  /** Names of the columns that differ between lanes. */
  readonly perLane: ReadonlySet<string>
}

/**
 * Columns of all lanes, of which those with equal values are kept once, [N, width]; of the others row n holds the rows n of all lanes.
 * @param one the program of any lane
 * @param apart names of columns that are kept per lane even where they are equal
 * @throws NotStackable when the lanes have different numbers of rows
 */
export function stackColumns(
  one: Program,
  lanes: readonly Columns[],
  apart: ReadonlySet<string> = new Set()
): StackedColumns {
  const all = (name: string): Float32Array[] => lanes.map(columns => columns[name])
  const names = Object.keys(one.columns)
  if (names.some(name => all(name).some(({ length }) => length !== all(name)[0].length)))
    throw new NotStackable('their data have different numbers of rows')
  const perLane = new Set(
    names.filter(name => apart.has(name) || !all(name).every(values => sameValues(values, all(name)[0])))
  )
  const columns = mapEntries(one.columns, ({ width }, name) =>
    perLane.has(name) ? interleave(all(name), width) : all(name)[0]
  )
  return { columns, perLane }
}

function sameValues(a: Float32Array, b: Float32Array): boolean {
  if (a === b) return true
  const bytes = (x: Float32Array): Buffer => Buffer.from(x.buffer, x.byteOffset, x.byteLength)
  return bytes(a).equals(bytes(b))
}

/** Rows [N, lanes * width] of columns [N, width]. */
function interleave(lanes: readonly Float32Array[], width: number): Float32Array {
  const rows = lanes[0].length / width
  const data = new Float32Array(lanes.length * lanes[0].length)
  lanes.forEach((column, lane) => {
    for (let row = 0; row < rows; row++) {
      const from = row * width
      for (let i = 0; i < width; i++) data[(row * lanes.length + lane) * width + i] = column[from + i]
    }
  })
  return data
}

/** Requests of all lanes as one: of each step the rows and the noise of lane 0, then those of lane 1, and so on. */
export function stackRequests(program: Program, requests: readonly RunRequest[]): RunRequest {
  const [{ steps }] = requests
  const noise = mapEntries(program.noise, ({ shape }, name) =>
    interleaveSteps(
      new Float32Array(requests.length * steps * sizeOf(shape)),
      requests.map(request => request.noise[name]),
      steps
    )
  )
  const indices = new Int32Array(requests.length * requests[0].indices.length)
  return {
    steps,
    indices: interleaveSteps(
      indices,
      requests.map(request => request.indices),
      steps
    ),
    noise
  }
}

function interleaveSteps<T extends Float32Array | Int32Array>(
  into: T,
  lanes: readonly T[],
  steps: number
): T {
  const size = lanes[0].length / steps
  for (let step = 0; step < steps; step++) {
    lanes.forEach((values, lane) =>
      into.set(values.subarray(step * size, (step + 1) * size), (step * lanes.length + lane) * size)
    )
  }
  return into
}

/** One lane's part of a stacked result. @param count number of metrics */
export function unstackResult(
  { metrics, finite }: RunResult,
  count: number,
  lanes: number,
  lane: number
): RunResult {
  const steps = finite.length / lanes
  return {
    metrics: Float32Array.from({ length: steps * count }, (_, i) => metrics[i * lanes + lane]),
    finite: Uint8Array.from({ length: steps }, (_, i) => finite[i * lanes + lane])
  }
}
