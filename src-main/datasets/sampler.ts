import type { TrainingView } from '../algorithms/algorithm.ts'
import { UserError } from '../base/errors.ts'
import { fillIntegers } from '../base/random.ts'

/**
 * The rows a run may draw.
 * @param selected rows the algorithm chose, or null for all
 * @param bootstraps whether the algorithm reads next observations: then a row without one is left out, unless its episode terminated
 *   there (nothing is bootstrapped from it)
 * @throws UserError('incompatible-data') when no row is left
 */
export function usableRows(view: TrainingView, selected: Int32Array | null, bootstraps: boolean): Int32Array {
  const has = view.columns.hasNextObservation.data
  const nonTerminal = view.columns.nonTerminal.data
  const all = selected ?? Int32Array.from({ length: view.rowCount }, (_, row) => row)
  const rows = bootstraps ? all.filter(row => has[row] === 1 || nonTerminal[row] === 0) : all
  if (rows.length === 0) {
    throw new UserError(
      'incompatible-data',
      `none of the ${view.rowCount} training rows can be used: ${all.length} were selected, none has a next observation`
    )
  }
  return rows
}

/**
 * Minibatch indices of consecutive steps, with replacement: a function of (seed, step, position) and of the rows alone.
 * @param rows the rows to draw from
 * @param request first gradient step, number of steps K and batch size B
 * @returns [K * B] row numbers, step-major
 */
export function drawBatches(
  rows: Int32Array,
  request: {
    readonly seed: number
    readonly firstStep: number
    readonly steps: number
    readonly batchSize: number
  }
): Int32Array {
  const { seed, firstStep, steps, batchSize } = request
  const indices = new Int32Array(steps * batchSize)
  for (let k = 0; k < steps; k++) {
    fillIntegers(indices.subarray(k * batchSize, (k + 1) * batchSize), rows.length, {
      seed,
      stream: 'batch',
      step: firstStep + k
    })
  }
  for (let i = 0; i < indices.length; i++) indices[i] = rows[indices[i]]
  return indices
}
