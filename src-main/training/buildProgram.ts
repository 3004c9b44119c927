import type { Algorithm, DerivedColumns, Problem, TrainingView } from '../algorithms/algorithm.ts'
import type { SharedConfig } from '../algorithms/config.ts'
import { invariant } from '../base/errors.ts'
import { type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import type { Program, PureFunction } from '../compute/program.ts'

/** One algorithm with its settings, applied to one dataset. */
export interface Method {
  readonly algorithm: Algorithm
  readonly config: SharedConfig
  readonly problem: Problem
}

type Columns = Readonly<Record<string, Float32Array>>

/** The derived columns that an algorithm declares; null when it has none. */
export function derivedOf({ algorithm, config, problem }: Method): DerivedColumns | null {
  return algorithm.derived?.(config, problem) ?? null
}

/** Widths of the columns that a minibatch gathers, by name, in the algorithm's order. */
function batchWidths(method: Method, view: TrainingView): Readonly<Record<string, number>> {
  const derived = derivedOf(method)?.widths ?? {}
  const names = method.algorithm.batchColumns(method.config, method.problem)
  return Object.fromEntries(
    names.map(name => {
      const width = derived[name] ?? view.columns[name]?.width
      invariant(
        width,
        `${method.algorithm.id} asks for column '${name}', which neither the view nor the algorithm has`
      )
      return [name, width]
    })
  )
}

/**
 * The training program of a method: its update with state, column, noise and metric specs.
 * @param state the initial or restored state; only its shapes are read
 */
export function trainingProgram(method: Method, view: TrainingView, state: HostTensors): Program {
  const { algorithm, config, problem } = method
  const widths = Object.entries(batchWidths(method, view))
  return {
    id: algorithm.id,
    state: specsOf(state),
    columns: Object.fromEntries(widths.map(([name, width]) => [name, { width }])),
    batchSize: config.batchSize,
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
}

/** The data of the program's columns: the view's own and the derived ones. */
export function programColumns(program: Program, view: TrainingView, derived: Columns): Columns {
  return Object.fromEntries(
    Object.keys(program.columns).map(name => [name, derived[name] ?? view.columns[name].data])
  )
}

/** The algorithm's diagnosis as a compiled function of the whole state and one batch. */
export function diagnosisFunction(method: Method, program: Program): PureFunction {
  const { names, fn } = method.algorithm.diagnose(method.config, method.problem)
  return {
    id: `${method.algorithm.id}/diagnose`,
    params: program.state,
    inputs: columnInputs(program),
    outputs: names,
    fn
  }
}

function columnInputs({ columns, batchSize }: Program): TensorSpecs {
  return Object.fromEntries(
    Object.entries(columns).map(([name, { width }]) => [
      name,
      { shape: [batchSize, width], dtype: 'float32' }
    ])
  )
}
