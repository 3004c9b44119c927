import type { TensorSpec } from '../../base/tensors.ts'
import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { lowerGraph } from './lower.ts'
import { encodeModel, type OnnxGraph, type OnnxValue } from './proto.ts'
import { OnnxWriter } from './writer.ts'

/** Names in the model that no program chooses. */
export const loopNames = { steps: 'steps', indices: 'indices', metrics: 'metrics', sums: 'sums' } as const
/** Name of a state tensor among the model's outputs. */
export const nextName = (name: string): string => `next/${name}`

/**
 * A program's step as an ONNX model that takes K steps in a Loop.
 *
 * Inputs: `steps` (K, int64), `state/...`, `columns/...` [N, width], `indices` [K, batch], `noise/...` [K, ...].
 * Outputs: `next/...`, `metrics` [K, metrics] and `sums` [K], the sum over all state tensors of a step, which is
 * non-finite where any element is.
 * @param graph the recorded step, as `traceProgram` names its inputs and outputs
 */
export function loopModel(program: Program, graph: Graph): Uint8Array {
  const states = Object.keys(program.state)
  const names = Object.keys(program.columns)
  const noise = Object.entries(program.noise)
  const bodyNames = Object.fromEntries(states.map(name => [`state/${name}`, `carried/${name}`]))
  const writer = new OnnxWriter('v')
  const inputs = { ...bodyNames, ...gatherInputs(writer, names, noise) }
  const results = lowerGraph(graph, writer, inputs)
  const body = bodyGraph(program, writer, results)
  const loop = {
    op: 'Loop',
    inputs: [loopNames.steps, '', ...states.map(name => `state/${name}`)],
    outputs: [...states.map(nextName), loopNames.metrics, loopNames.sums],
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
      { name: loopNames.metrics, dtype: 'float32', shape: ['K', program.metrics.length] },
      { name: loopNames.sums, dtype: 'float32', shape: ['K'] }
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
  results: Readonly<Record<string, string>>
): OnnxGraph {
  const states = Object.keys(program.state)
  const sums = writer.node(
    'ReduceSum',
    [writer.node('Concat', sumsOf(program, writer, results), { axis: 0 })],
    { keepdims: 0 }
  )
  const metrics = program.metrics.map(name =>
    writer.node('Reshape', [results[`metrics/${name}`], writer.ints([1])])
  )
  const row =
    metrics.length > 0 ? writer.node('Concat', metrics, { axis: 0 }) : writer.shared([], [0], 'float32')
  writer.rename('condition', 'condition/next')
  states.forEach(name => writer.rename(results[`state/${name}`], `carried/${name}/next`))
  writer.rename(row, 'metrics/row')
  writer.rename(sums, 'sums/row')
  return {
    name: 'step',
    nodes: writer.nodes,
    constants: [],
    inputs: [
      { name: 'iteration', dtype: 'int64', shape: [] },
      { name: 'condition', dtype: 'bool', shape: [] },
      ...states.map(name => valueOf(`carried/${name}`, program.state[name]))
    ],
    outputs: [
      { name: 'condition/next', dtype: 'bool', shape: [] },
      ...states.map(name => valueOf(`carried/${name}/next`, program.state[name])),
      { name: 'metrics/row', dtype: 'float32', shape: [program.metrics.length] },
      { name: 'sums/row', dtype: 'float32', shape: [] }
    ]
  }
}

/** The sum of each float32 state tensor, [1] each. */
function sumsOf(program: Program, writer: OnnxWriter, results: Readonly<Record<string, string>>): string[] {
  const floating = Object.entries(program.state).filter(([, { dtype }]) => dtype === 'float32')
  const sums = floating.map(([name]) =>
    writer.node('Reshape', [
      writer.node('ReduceSum', [results[`state/${name}`]], { keepdims: 0 }),
      writer.ints([1])
    ])
  )
  return sums.length > 0 ? sums : [writer.shared([0], [1], 'float32')]
}
