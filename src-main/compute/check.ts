import { invariant } from '../base/errors.ts'
import { type HostTensors, type NumericArray, sizeOf, type TensorSpecs } from '../base/tensors.ts'
import type { RunRequest } from './engine.ts'
import { formatSpec } from './graph.ts'
import type { Program } from './program.ts'

export type Columns = Readonly<Record<string, Float32Array>>

/**
 * Checks that named tensors are exactly those of the specs, in shape, type and length.
 * @throws Error naming the tensor that differs
 */
export function checkTensors(what: string, specs: TensorSpecs, tensors: HostTensors): void {
  for (const name of Object.keys(tensors)) invariant(name in specs, `${what} has an unknown tensor '${name}'`)
  for (const [name, spec] of Object.entries(specs)) {
    const tensor = tensors[name]
    invariant(tensor, `${what} lacks '${name}'`)
    const same = tensor.dtype === spec.dtype && sameShape(tensor.shape, spec.shape)
    invariant(same, `${what} '${name}' is ${formatSpec(tensor)}, expected ${formatSpec(spec)}`)
    checkLength(`${what} '${name}'`, tensor.data, sizeOf(spec.shape))
  }
}

/**
 * Checks the inputs of a function call.
 * @throws Error naming the input that is missing or has another length
 */
export function checkInputs(specs: TensorSpecs, inputs: Readonly<Record<string, NumericArray>>): void {
  for (const [name, spec] of Object.entries(specs)) {
    invariant(inputs[name], `the inputs lack '${name}'`)
    checkLength(`input '${name}'`, inputs[name], sizeOf(spec.shape))
  }
}

/**
 * Checks resident columns against the program.
 * @returns N, the number of rows that all columns have
 * @throws Error naming the column that is missing or has another number of rows
 */
export function checkColumns(program: Program, columns: Columns): number {
  let rows: number | null = null
  for (const [name, { width }] of Object.entries(program.columns)) {
    const data = columns[name]
    invariant(data, `the columns lack '${name}'`)
    rows ??= data.length / width
    invariant(
      Number.isInteger(rows),
      `column '${name}' of ${data.length} values does not divide into rows of ${width}`
    )
    checkLength(`column '${name}'`, data, rows * width)
  }
  return rows ?? 0
}

/**
 * Checks one request; engines disagree on bad indices (some clamp silently), so they never see one.
 * @throws Error naming the first index out of range or the part with a wrong length
 */
export function checkRequest(program: Program, rows: number, request: RunRequest): void {
  const { steps, indices, noise } = request
  invariant(Number.isInteger(steps) && steps > 0, `steps must be a positive integer, got ${steps}`)
  checkLength(
    'indices',
    indices,
    Object.keys(program.columns).length === 0 ? indices.length : steps * program.batchSize
  )
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] < 0 || indices[i] >= rows)
      invariant(false, `index ${indices[i]} at ${i} lies outside ${rows} rows`)
  }
  for (const [name, { shape }] of Object.entries(program.noise)) {
    invariant(noise[name], `the noise lacks '${name}'`)
    checkLength(`noise '${name}'`, noise[name], steps * sizeOf(shape))
  }
}

/** True when every value is finite. */
export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/**
 * Per lane: 1 when its part of every state tensor [lanes, ...] and of every metric is finite.
 * @param metrics of one step, [metrics, lanes]
 */
export function finiteLanes(
  lanes: number,
  metrics: Float32Array,
  state: readonly ArrayLike<number>[]
): number[] {
  const flags = new Array<number>(lanes).fill(1)
  metrics.forEach((value, i) => {
    if (!Number.isFinite(value)) flags[i % lanes] = 0
  })
  for (const data of state) {
    const size = data.length / lanes
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) flags[Math.floor(i / size)] = 0
  }
  return flags
}

/**
 * Per step and lane: 1 when the sum over the watched state and all metrics are finite.
 * @param metrics of all steps, [K, metrics, lanes]
 * @param sums [K, lanes]
 */
export function finiteSteps(lanes: number, metrics: Float32Array, sums: Float32Array): Uint8Array {
  const finite = Uint8Array.from(sums, sum => Number(Number.isFinite(sum)))
  const perStep = (metrics.length / sums.length) * lanes
  metrics.forEach((value, i) => {
    if (!Number.isFinite(value)) finite[Math.floor(i / perStep) * lanes + (i % lanes)] = 0
  })
  return finite
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

function checkLength(what: string, data: ArrayLike<number>, expected: number): void {
  invariant(data.length === expected, `${what} has ${data.length} values, expected ${expected}`)
}
