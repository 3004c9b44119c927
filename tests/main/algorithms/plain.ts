import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'

/**
 * Plain float64 arithmetic for steps worked out by hand: a network of one ReLU unit, output = w1 relu(w0 . x + b0) + b1, with its
 * derivatives written out. Everything is a number; nothing is shared with the code under test.
 */
export interface Unit {
  readonly w0: readonly number[]
  readonly b0: number
  readonly w1: number
  readonly b1: number
}

const hidden = ({ w0, b0 }: Unit, x: readonly number[]): number =>
  Math.max(
    0,
    w0.reduce((sum, w, i) => sum + w * x[i], b0)
  )

/** Output for one row. */
export const output = (unit: Unit, x: readonly number[]): number => unit.w1 * hidden(unit, x) + unit.b1

/** Gradient of a loss whose derivative by the output of row i is `slopes[i]`. */
export function unitGradient(
  unit: Unit,
  rows: readonly (readonly number[])[],
  slopes: readonly number[]
): Unit {
  const gradient = { w0: unit.w0.map(() => 0), b0: 0, w1: 0, b1: 0 }
  rows.forEach((x, row) => {
    const h = hidden(unit, x)
    const back = h > 0 ? slopes[row] * unit.w1 : 0
    x.forEach((value, i) => (gradient.w0[i] += back * value))
    gradient.b0 += back
    gradient.w1 += slopes[row] * h
    gradient.b1 += slopes[row]
  })
  return gradient
}

/** A parameter after the first Adam step: corrected moments are g and g^2. */
export const firstAdam = (parameter: number, g: number, rate: number): number =>
  parameter - (rate * g) / (Math.sqrt(g * g) + 1e-8)

/** A unit after the first Adam step. */
export const stepped = (unit: Unit, gradient: Unit, rate: number): Unit => ({
  w0: unit.w0.map((w, i) => firstAdam(w, gradient.w0[i], rate)),
  b0: firstAdam(unit.b0, gradient.b0, rate),
  w1: firstAdam(unit.w1, gradient.w1, rate),
  b1: firstAdam(unit.b1, gradient.b1, rate)
})

/** Target parameters after following the new ones by `polyak`. */
export const followed = (target: Unit, source: Unit, polyak: number): Unit => {
  const mix = (a: number, b: number) => (1 - polyak) * a + polyak * b
  return {
    w0: target.w0.map((w, i) => mix(w, source.w0[i])),
    b0: mix(target.b0, source.b0),
    w1: mix(target.w1, source.w1),
    b1: mix(target.b1, source.b1)
  }
}

/** A unit as tensors of a state: `name/0/kernel` and so on. */
export function tensorsOf(name: string, { w0, b0, w1, b1 }: Unit): HostTensors {
  return {
    [`${name}/0/kernel`]: floats([w0.length, 1], Float32Array.from(w0)),
    [`${name}/0/bias`]: floats([1], Float32Array.of(b0)),
    [`${name}/1/kernel`]: floats([1, 1], Float32Array.of(w1)),
    [`${name}/1/bias`]: floats([1], Float32Array.of(b1))
  }
}

/** The unit under a name of a state. */
export function unitOf(state: HostTensors, name: string): Unit {
  const data = (part: string) => [...state[`${name}/${part}`].data]
  return { w0: data('0/kernel'), b0: data('0/bias')[0], w1: data('1/kernel')[0], b1: data('1/bias')[0] }
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** A policy of one action dimension: mean tanh(unit), spread exp(logStd). */
export interface PlainPolicy {
  readonly unit: Unit
  readonly logStd: number
}

/** log pi(a | s) per row. */
export function logLikelihoods(
  policy: PlainPolicy,
  rows: readonly (readonly number[])[],
  actions: readonly number[]
): number[] {
  const std = Math.exp(policy.logStd)
  return rows.map((x, i) => {
    const z = (actions[i] - Math.tanh(output(policy.unit, x))) / std
    return -0.5 * z * z - policy.logStd - 0.5 * Math.log(2 * Math.PI)
  })
}

/** Gradient of mean(-weight log pi): of the unit through tanh, and of logStd. */
export function policyGradient(
  policy: PlainPolicy,
  rows: readonly (readonly number[])[],
  actions: readonly number[],
  weights: readonly number[]
): { unit: Unit; logStd: number } {
  const variance = Math.exp(2 * policy.logStd)
  const means = rows.map(x => Math.tanh(output(policy.unit, x)))
  const n = rows.length
  const slopes = means.map(
    (mean, i) => ((-weights[i] * (actions[i] - mean)) / variance / n) * (1 - mean * mean)
  )
  const logStd = means.map((mean, i) => (weights[i] * (1 - (actions[i] - mean) ** 2 / variance)) / n)
  return {
    unit: unitGradient(policy.unit, rows, slopes),
    logStd: logStd.reduce((sum, value) => sum + value, 0)
  }
}

/** Euclidean norm of units and numbers together. */
export function normOf(...parts: (Unit | number)[]): number {
  const squares = parts.flatMap(part =>
    typeof part === 'number' ? [part] : [...part.w0, part.b0, part.w1, part.b1]
  )
  return Math.sqrt(squares.reduce((sum, value) => sum + value * value, 0))
}
