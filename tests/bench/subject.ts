import type { Problem } from '../../src-main/algorithms/algorithm.ts'
import { fillNormal } from '../../src-main/base/random.ts'
import { madeUpTraining, type MadeUpTraining } from '../../src-main/training/madeUp.ts'
import { productsOf } from './products.ts'

/** What is measured. */
export interface Subject {
  readonly algorithm: string
  readonly hidden: readonly number[]
  readonly batchSize: number
  /** Rows of the made-up data; 10,000 when absent. */
  readonly rows?: number
  /** Only the matrix products of the step: what nothing can be faster than. */
  readonly productsOnly?: boolean
}

/** Sizes of a locomotion robot with 17 observations and 6 actions. */
export const problem: Problem = {
  observationSize: 17,
  action: { kind: 'continuous', size: 6 },
  unboundedActions: false
}

/** Builds a subject's program with made-up data. */
export function prepare({ algorithm, hidden, batchSize, rows, productsOnly }: Subject): MadeUpTraining {
  const made = madeUpTraining({ algorithm, hiddenSizes: hidden, batchSize, problem }, rows)
  if (!productsOnly) return made
  const { program, state } = productsOf(made.program)
  const columns = Object.fromEntries(
    Object.entries(program.columns).map(([name, { width }]) => [
      name,
      operands(name, made.rows.length * width)
    ])
  )
  return { program, state, columns, rows: made.rows }
}

/** Numbers so small that chains of products stay finite. */
function operands(name: string, size: number): Float32Array {
  const data = new Float32Array(size)
  fillNormal(data, { seed: 0, stream: `bench/${name}`, step: 0 })
  return data.map(value => value / 16)
}
