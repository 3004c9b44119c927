/** Training on made-up data: the real program of an algorithm at any size, for measuring speeds without a dataset. */
import { algorithmById } from '../algorithms/index.ts'
import type { Problem } from '../algorithms/algorithm.ts'
import { fillNormal, fillUniform } from '../base/random.ts'
import { type HostTensors, specsOf } from '../base/tensors.ts'
import type { Program } from '../compute/program.ts'

/** What is trained, with default settings but for the sizes. */
export interface MadeUpSize {
  readonly algorithm: string
  readonly hiddenSizes: readonly number[]
  readonly batchSize: number
  readonly problem: Problem
}

/** A training program with a state to start from and its data. */
export interface MadeUpTraining {
  readonly program: Program
  readonly state: HostTensors
  readonly columns: Readonly<Record<string, Float32Array>>
  /** All of them. */
  readonly rows: Int32Array
}

/** Rows of data unless said otherwise; speed does not depend on it. */
const usualRows = 10_000

/** @throws UserError('not-found') for an unknown algorithm */
export function madeUpTraining(size: MadeUpSize, rowCount = usualRows): MadeUpTraining {
  const { problem, batchSize } = size
  const algorithm = algorithmById(size.algorithm)
  const config = algorithm.schema.parse({
    ...{ hiddenSizes: size.hiddenSizes, batchSize, gradientSteps: 1_000_000 }
  })
  const state = algorithm.init(config, problem, 0)
  const derived = algorithm.derived?.(config, problem)?.widths ?? {}
  const widths = algorithm
    .batchColumns(config, problem)
    .map(name => [name, derived[name] ?? widthOf(name, problem)] as const)
  const program: Program = {
    id: algorithm.id,
    state: specsOf(state),
    columns: Object.fromEntries(widths.map(([name, width]) => [name, { width }])),
    batchSize,
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
  const columns = widths.map(([name, width]) => [name, columnOf(name, width, rowCount, problem)] as const)
  const rows = Int32Array.from({ length: rowCount }, (_, row) => row)
  return { program, state, columns: Object.fromEntries(columns), rows }
}

const isAction = (name: string): boolean => /actions$/i.test(name)

function widthOf(name: string, { observationSize, action }: Problem): number {
  if (/observations$/i.test(name)) return observationSize
  if (!isAction(name)) return 1
  return action.kind === 'discrete' ? action.count : action.size
}

function columnOf(name: string, width: number, rowCount: number, { action }: Problem): Float32Array {
  const data = new Float32Array(rowCount * width)
  if (/^(nonTerminal|has)/.test(name)) return data.fill(1)
  const address = { seed: 0, stream: `bench/${name}`, step: 0 }
  if (!isAction(name)) {
    fillNormal(data, address)
    return data
  }
  if (action.kind === 'discrete') {
    for (let row = 0; row < rowCount; row++) data[row * width + (row % width)] = 1
    return data
  }
  fillUniform(data, address)
  return data.map(value => 2 * value - 1)
}
