import type { Problem } from '../../src-main/algorithms/algorithm.ts'
import { fillNormal } from '../../src-main/base/random.ts'
import { stackStates } from '../../src-main/compute/stacked/stackData.ts'
import { stackPrograms } from '../../src-main/compute/stacked/stackPrograms.ts'
import { madeUpTraining, type MadeUpTraining } from '../../src-main/training/madeUp.ts'
import type { VariantName } from './passVariants.ts'
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
  /** So many runs in one graph. */
  readonly lanes?: number
  /** A rewrite to leave out, or to add; on one thread. */
  readonly variant?: VariantName
}

/** Sizes of a locomotion robot with 17 observations and 6 actions. */
export const problem: Problem = {
  observationSize: 17,
  action: { kind: 'continuous', size: 6 },
  unboundedActions: false
}

/** Builds a subject's program with made-up data. */
export function prepare(subject: Subject): MadeUpTraining {
  const { algorithm, hidden, batchSize, rows, productsOnly, lanes = 1 } = subject
  const made = madeUpTraining({ algorithm, hiddenSizes: hidden, batchSize, problem }, rows)
  if (lanes > 1) return stack(made, lanes)
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

function stack({ program, state, columns, rows }: MadeUpTraining, lanes: number): MadeUpTraining {
  const repeat = <T>(one: T): T[] => Array.from({ length: lanes }, () => one)
  const stacked = stackPrograms(repeat(program), new Set())
  return { program: stacked, state: stackStates(repeat(state)), columns, rows }
}

/** Numbers so small that chains of products stay finite. */
function operands(name: string, size: number): Float32Array {
  const data = new Float32Array(size)
  fillNormal(data, { seed: 0, stream: `bench/${name}`, step: 0 })
  return data.map(value => value / 16)
}
