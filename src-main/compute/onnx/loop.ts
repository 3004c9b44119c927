import type { TensorSpec } from '../../base/tensors.ts'
import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { lowerGraph } from './lower.ts'
import { encodeModel, type OnnxGraph, type OnnxValue } from './proto.ts'
import { OnnxWriter } from './writer.ts'

/** Names in the model that no program chooses. */
export const loopNames = { steps: 'steps', indices: 'indices', sums: 'sums' } as const
/** Name of a state tensor among the model's outputs. */
export const nextName = (name: string): string => `next/${name}`
/** Name of a metric among the model's outputs. */
export const metricName = (name: string): string => `metrics/${name}`

/** A metric of one step, or a sum: a number, one a lane in a stacked program. */
const metricSpec = ({ lanes }: Program): TensorSpec => ({ shape: lanes ? [lanes] : [], dtype: 'float32' })

/**
 * A program's step as an ONNX model that takes K steps in a Loop.
 *
 * Inputs: `steps` (K, int64), `state/...`, `columns/...` [N, width], `indices` [K, batch], `noise/...` [K, ...].
 * Outputs: `next/...`, `metrics/...` [K] and `sums` [K] ([K, lanes] each if stacked), the sum over the watched state tensors of a step, which
 * is non-finite where any element is.
 * @param graph the recorded step, as `traceProgram` names its inputs and outputs
 * @param watched names of the state tensors in `sums`
 */
export function loopModel(program: Program, graph: Graph, watched: readonly string[]): Uint8Array {
  const states = Object.keys(program.state)
  const names = Object.keys(program.columns)
  const noise = Object.entries(program.noise)
  const perStep = { dtype: 'float32' as const, shape: ['K', ...metricSpec(program).shape] }
  const bodyNames = Object.fromEntries(states.map(name => [`state/${name}`, `carried/${name}`]))
  const writer = new OnnxWriter('v')
  const inputs = { ...bodyNames, ...gatherInputs(writer, names, noise) }
  const results = lowerGraph(graph, writer, inputs)
  const body = bodyGraph(program, writer, results, watched)
  const loop = {
    op: 'Loop',
    inputs: [loopNames.steps, '', ...states.map(name => `state/${name}`)],
    outputs: [...states.map(nextName), ...program.metrics.map(metricName), loopNames.sums],
    attributes: { body: { graph: body } }
  }
  return encodeModel({
    name: program.id,
    nodes: [loop],
    constants: writer.constants,
    inputs: [
      { name: loopNames.steps, dtype: 'int64', shape: [] },
      ...states.map(name => valueOf(`state/${name}`, program.state[name])),
      ...names.map(name => columnValue(name, program.columns[name].width)),
      ...(names.length > 0
        ? [{ name: loopNames.indices, dtype: 'int32' as const, shape: ['K', program.batchSize] }]
        : []),
      ...noise.map(([name, { shape }]) => ({
        name: `noise/${name}`,
        dtype: 'float32' as const,
        shape: ['K', ...shape]
      }))
    ],
    outputs: [
      ...states.map(name => valueOf(nextName(name), program.state[name])),
      ...program.metrics.map(name => ({ name: metricName(name), ...perStep })),
      { name: loopNames.sums, ...perStep }
    ]
  })
}

const valueOf = (name: string, { dtype, shape }: TensorSpec): OnnxValue => ({ name, dtype, shape })
const columnValue = (name: string, width: number): OnnxValue => ({
  name: `columns/${name}`,
  dtype: 'float32',
  shape: ['N', width]
})

/** Picks the rows of the present step; `iteration` counts from 0. */
function gatherInputs(
  writer: OnnxWriter,
  columns: readonly string[],
  noise: readonly (readonly [string, unknown])[]
): Record<string, string> {
  const inputs: Record<string, string> = {}
  if (columns.length > 0) {
    const rows = writer.node('Gather', [loopNames.indices, 'iteration'], { axis: 0 })
    for (const name of columns)
      inputs[`batch/${name}`] = writer.node('Gather', [`columns/${name}`, rows], { axis: 0 })
  }
  for (const [name] of noise) {
    inputs[`noise/${name}`] = writer.node('Gather', [`noise/${name}`, 'iteration'], { axis: 0 })
  }
  return inputs
}

function bodyGraph(
  program: Program,
  writer: OnnxWriter,
  results: Readonly<Record<string, string>>,
  watched: readonly string[]
): OnnxGraph {
  const states = Object.keys(program.state)
  const scalar = metricSpec(program)
  const sums = watched.map(name => stateSum(program, writer, name, results[`state/${name}`]))
  const zero = writer.shared([0], scalar.shape, 'float32')
  const total = writer.node('Sum', sums.length > 0 ? sums : [zero])
  const outputs = new OutputNames(writer)
  const value = (name: string, spec: TensorSpec): OnnxValue => valueOf(outputs.of(name), spec)
  const condition = outputs.of('condition')
  return {
    name: 'step',
    inputs: [
      { name: 'iteration', dtype: 'int64', shape: [] },
      { name: 'condition', dtype: 'bool', shape: [] },
      ...states.map(name => valueOf(`carried/${name}`, program.state[name]))
    ],
    outputs: [
      { name: condition, dtype: 'bool', shape: [] },
      ...states.map(name => value(results[`state/${name}`], program.state[name])),
      ...program.metrics.map(name => value(results[`metrics/${name}`], scalar)),
      value(total, scalar)
    ],
    nodes: writer.nodes,
    constants: []
  }
}

/** Sum over a state tensor, over each lane's part in a stacked program. */
function stateSum({ lanes, state }: Program, writer: OnnxWriter, name: string, value: string): string {
  if (!lanes) return writer.node('ReduceSum', [value], { keepdims: 0 })
  const axes = writer.ints([...state[name].shape.keys()].slice(1))
  return writer.node('ReduceSum', [value, axes], { keepdims: 0, noop_with_empty_axes: 1 })
}

/** Names for a graph's results: a computed value keeps its own, any other value or a second use goes through a copy. */
class OutputNames {
  readonly #writer: OnnxWriter
  readonly #free: Set<string>

  constructor(writer: OnnxWriter) {
    this.#writer = writer
    this.#free = new Set(writer.nodes.flatMap(node => node.outputs))
  }

  of(name: string): string {
    return this.#free.delete(name) ? name : this.#writer.node('Identity', [name])
  }
}
