import { stateValue } from '../nn/critic.ts'
import { part } from '../nn/parameters.ts'
import type { DerivedColumns, EvaluateRows, Tensors, TrainingView } from './algorithm.ts'

/** What the returns depend on; see the fields of AWR. */
export interface ReturnSettings {
  readonly discount: number
  readonly lambda: number
  readonly standardiseAdvantage: boolean
  readonly refreshEvery: number
}

const standardisingEpsilon = 1e-5

/**
 * The columns of advantage-weighted regression, over the whole training part: `returns`, and for standardised advantages
 * `advantageCentre` and `advantageScale`, the same number in every row.
 */
export function returnColumns(settings: ReturnSettings): DerivedColumns {
  const { standardiseAdvantage, refreshEvery } = settings
  return {
    widths: { returns: 1, ...(standardiseAdvantage ? { advantageCentre: 1, advantageScale: 1 } : {}) },
    refreshEvery,
    compute: async (view, evaluate): Promise<Record<string, Float32Array>> => {
      const returns = lambdaReturns(settings, view, await nextValues(settings, view, evaluate))
      if (!standardiseAdvantage) return { returns }
      const values = await valuesOf('value', view.columns.observations, evaluate)
      const { centre, scale } = moments(returns, values)
      const constant = (value: number) => new Float32Array(view.rowCount).fill(value)
      return { returns, advantageCentre: constant(centre), advantageScale: constant(scale) }
    }
  }
}

/**
 * TD(lambda) returns, backwards through each episode:
 *   R_t = r_t + discount nonTerminal_t ((1 - lambda) V(s_{t+1}) + lambda R_{t+1}),  R after the last step = V(final observation)
 * Where the data lacks the final observation, the last return is V of the last one there is, without its reward.
 * @param next V(next observation) of each row; read only where `lambda` or an episode's end asks for it
 * @returns [N]
 */
export function lambdaReturns(
  { discount, lambda }: Pick<ReturnSettings, 'discount' | 'lambda'>,
  view: TrainingView,
  next: Float32Array
): Float32Array {
  const { rewards, nonTerminal, hasNextObservation } = view.columns
  const returns = new Float32Array(view.rowCount)
  for (const { firstRow, length } of view.episodes) {
    let later = 0
    for (let row = firstRow + length - 1; row >= firstRow; row--) {
      const last = row === firstRow + length - 1
      const follows = last ? next[row] : (1 - lambda) * next[row] + lambda * later
      const missing = nonTerminal.data[row] === 1 && hasNextObservation.data[row] === 0
      later = missing ? next[row] : rewards.data[row] + (nonTerminal.data[row] === 1 ? discount * follows : 0)
      returns[row] = later
    }
  }
  return returns
}

/** V(next observation) of the rows that need it; 0 elsewhere. */
async function nextValues(
  { lambda }: ReturnSettings,
  view: TrainingView,
  evaluate: EvaluateRows
): Promise<Float32Array> {
  const { nextObservations, nonTerminal } = view.columns
  if (lambda < 1) return valuesOf('nextValue', nextObservations, evaluate)
  const ends = view.episodes
    .map(({ firstRow, length }) => firstRow + length - 1)
    .filter(row => nonTerminal.data[row] === 1)
  const next = new Float32Array(view.rowCount)
  if (ends.length === 0) return next
  const { width, data } = nextObservations
  const chosen = new Float32Array(ends.length * width)
  ends.forEach((row, i) => chosen.set(data.subarray(row * width, (row + 1) * width), i * width))
  const values = await valuesOf('nextValue', { width, data: chosen }, evaluate)
  ends.forEach((row, i) => (next[row] = values[i]))
  return next
}

async function valuesOf(
  name: string,
  observations: { readonly width: number; readonly data: Float32Array },
  evaluate: EvaluateRows
): Promise<Float32Array> {
  const fn = (params: Tensors, rows: Tensors): Tensors => ({
    v: stateValue(part(params, 'value'), rows.observations)
  })
  return (await evaluate(name, fn, { observations })).v
}

/** Mean and standard deviation of returns - values over all rows. */
function moments(returns: Float32Array, values: Float32Array): { centre: number; scale: number } {
  let sum = 0
  let squares = 0
  for (let row = 0; row < returns.length; row++) sum += returns[row] - values[row]
  const centre = sum / Math.max(1, returns.length)
  for (let row = 0; row < returns.length; row++) squares += (returns[row] - values[row] - centre) ** 2
  return { centre, scale: Math.sqrt(squares / Math.max(1, returns.length)) + standardisingEpsilon }
}
