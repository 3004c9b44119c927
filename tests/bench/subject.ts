import { algorithmById } from '../../src-main/algorithms/index.ts'
import type { Problem } from '../../src-main/algorithms/algorithm.ts'
import { fillNormal, fillUniform } from '../../src-main/base/random.ts'
import { type HostTensors, specsOf } from '../../src-main/base/tensors.ts'
import type { Program } from '../../src-main/compute/program.ts'

/** What is measured. */
export interface Subject {
  readonly algorithm: string
  readonly hidden: readonly number[]
  readonly batchSize: number
}

/** Sizes of a locomotion robot with 17 observations and 6 actions. */
const problem: Problem = {
  observationSize: 17,
  action: { kind: 'continuous', size: 6 },
  unboundedActions: false
}
const rowCount = 10_000

/** A training program with a state to start from and made-up data. */
export interface Prepared {
  readonly program: Program
  readonly state: HostTensors
  readonly columns: Record<string, Float32Array>
  readonly rows: Int32Array
}

/** Builds an algorithm's program with its default settings but for the sizes. */
export function prepare({ algorithm: id, hidden, batchSize }: Subject): Prepared {
  const algorithm = algorithmById(id)
  const config = algorithm.schema.parse({ hiddenSizes: hidden, batchSize, gradientSteps: 1_000_000 })
  const state = algorithm.init(config, problem, 0)
  const derived = algorithm.derived?.(config, problem)?.widths ?? {}
  const widths = algorithm
    .batchColumns(config, problem)
    .map(name => [name, derived[name] ?? widthOf(name)] as const)
  const program: Program = {
    id,
    state: specsOf(state),
    columns: Object.fromEntries(widths.map(([name, width]) => [name, { width }])),
    batchSize,
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
  const columns = Object.fromEntries(widths.map(([name, width]) => [name, columnOf(name, width)]))
  return { program, state, columns, rows: Int32Array.from({ length: rowCount }, (_, row) => row) }
}

function widthOf(name: string): number {
  if (/observations$/i.test(name)) return problem.observationSize
  return /actions$/i.test(name) ? 6 : 1
}

function columnOf(name: string, width: number): Float32Array {
  const data = new Float32Array(rowCount * width)
  if (/^(nonTerminal|has)/.test(name)) return data.fill(1)
  const address = { seed: 0, stream: `bench/${name}`, step: 0 }
  if (!/actions$/i.test(name)) fillNormal(data, address)
  else fillUniform(data, address)
  return /actions$/i.test(name) ? data.map(value => 2 * value - 1) : data
}
