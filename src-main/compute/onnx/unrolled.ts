import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { nextName } from './loop.ts'
import { lowerGraph } from './lower.ts'
import { encodeModel, type OnnxConstant, type OnnxNode, type OnnxValue } from './proto.ts'
import { OnnxWriter } from './writer.ts'

type Names = Readonly<Record<string, string>>
/** Data of columns that a model carries inside itself. */
export type Resident = Readonly<Record<string, Float32Array>>

/** Names in the model that no program chooses. */
export const unrolledNames = { indices: 'indices', report: 'report', total: 'total' } as const

export interface UnrolledOptions {
  /** U, the number of steps in the model. */
  readonly steps: number
  /** Names of the state tensors looked at after every step. */
  readonly watched: readonly string[]
  /** Columns kept in the model, as external data under their own names; null when they are inputs. */
  readonly resident: Resident | null
}

/**
 * A program's step as an ONNX model that takes U steps, written one after another: for providers on which a Loop would run on the
 * processor and move the whole state across at every step.
 *
 * Inputs: `state/...`, `columns/...` [N, width] unless resident, `indices` [U, batch], `noise/...` [U, ...].
 * Outputs: `next/...`; `report` [U, metrics + 1, lanes], the metrics of each step and the sum over its watched state tensors, in one
 * tensor because each one that is read back waits for the device; `total` [1], the sum over the float32 state in the end.
 * @param graph the recorded step, as `traceProgram` names its inputs and outputs
 */
export function unrolledModel(program: Program, graph: Graph, options: UnrolledOptions): Uint8Array {
  const { steps, watched, resident } = options
  const states = Object.keys(program.state)
  const writer = new OnnxWriter('v')
  let current: Names = Object.fromEntries(states.map(name => [`state/${name}`, `state/${name}`]))
  const reports: string[] = []
  for (let step = 0; step < steps; step++) {
    const results = lowerGraph(graph, writer, { ...current, ...inputsOf(program, writer, step) })
    current = Object.fromEntries(states.map(name => [`state/${name}`, results[`state/${name}`]]))
    reports.push(reportOf(program, writer, results, watched))
  }
  const floating = states.filter(name => program.state[name].dtype === 'float32')
  const sums = floating.map(name => sumOf(writer, current[`state/${name}`], [1]))
  const columns = columnValues(program, resident)
  const nodes = named(writer, [
    [writer.node('Concat', reports, { axis: 0 }), unrolledNames.report],
    [sumOfAll(writer, sums, [1]), unrolledNames.total],
    ...states.map(name => [current[`state/${name}`], nextName(name)] as const)
  ])
  return encodeModel({
    name: program.id,
    nodes,
    constants: [...writer.constants, ...columns.constants],
    inputs: [
      ...states.map(name => stateValue(program, name)),
      ...columns.inputs,
      ...drawnValues(program, steps)
    ],
    outputs: [
      ...states.map(name => ({ ...stateValue(program, name), name: nextName(name) })),
      { name: unrolledNames.report, dtype: 'float32', shape: [steps, ...reportShape(program)] },
      { name: unrolledNames.total, dtype: 'float32', shape: [1] }
    ]
  })
}

/** Shape of the report of one step: the metrics and the sum, for each lane. */
export const reportShape = ({ metrics, lanes = 1 }: Program): [number, number] => [metrics.length + 1, lanes]

const stateValue = (program: Program, name: string): OnnxValue => ({
  name: `state/${name}`,
  ...program.state[name]
})

/**
 * The nodes with results under their output names. What is not computed (an input passed through) or has a name already is copied.
 * @param pairs value and output name
 */
function named(writer: OnnxWriter, pairs: readonly (readonly [value: string, name: string])[]): OnnxNode[] {
  const free = new Set(writer.nodes.flatMap(node => node.outputs))
  const names = new Map<string, string>()
  for (const [value, name] of pairs) {
    if (free.delete(value)) names.set(value, name)
    else writer.rename(value, name)
  }
  const rename = (value: string): string => names.get(value) ?? value
  return writer.nodes.map(node => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename)
  }))
}

/** Picks the rows and the noise of one step. */
function inputsOf(program: Program, writer: OnnxWriter, step: number): Record<string, string> {
  const inputs: Record<string, string> = {}
  const present = writer.shared([step], [], 'int32')
  const columns = Object.keys(program.columns)
  if (columns.length > 0) {
    const rows = writer.node('Gather', [unrolledNames.indices, present], { axis: 0 })
    for (const name of columns)
      inputs[`batch/${name}`] = writer.node('Gather', [`columns/${name}`, rows], { axis: 0 })
  }
  for (const name of Object.keys(program.noise)) {
    inputs[`noise/${name}`] = writer.node('Gather', [`noise/${name}`, present], { axis: 0 })
  }
  return inputs
}

/** The metrics and the watched sum of one step, [1, metrics + 1, lanes]. */
function reportOf(program: Program, writer: OnnxWriter, results: Names, watched: readonly string[]): string {
  const { metrics, lanes = 1 } = program
  const row = [1, 1, lanes]
  const sums = watched.map(name => stateSum(program, writer, name, results[`state/${name}`]))
  const parts = metrics.map(name => writer.node('Reshape', [results[`metrics/${name}`], writer.ints(row)]))
  return writer.node('Concat', [...parts, sumOfAll(writer, sums, row)], { axis: 1 })
}

/** Sum over a state tensor, over each lane's part in a stacked program, as [1, 1, lanes]. */
function stateSum({ lanes, state }: Program, writer: OnnxWriter, name: string, value: string): string {
  if (!lanes) return sumOf(writer, value, [1, 1, 1])
  const axes = [...state[name].shape.keys()].slice(1)
  const sum = axes.length > 0 ? writer.node('ReduceSum', [value, writer.ints(axes)], { keepdims: 0 }) : value
  return writer.node('Reshape', [sum, writer.ints([1, 1, lanes])])
}

const sumOf = (writer: OnnxWriter, value: string, shape: readonly number[]): string =>
  writer.node('Reshape', [writer.node('ReduceSum', [value], { keepdims: 0 }), writer.ints(shape)])

/** The sum of tensors of one shape; not `Sum`, which WebGPU does not have. */
function sumOfAll(writer: OnnxWriter, values: readonly string[], shape: readonly number[]): string {
  if (values.length === 0) return writer.constant([0], shape, 'float32')
  if (values.length === 1) return values[0]
  const joined = writer.node('Concat', values, { axis: 0 })
  return writer.node('Reshape', [
    writer.node('ReduceSum', [joined, writer.ints([0])], { keepdims: 0 }),
    writer.ints(shape)
  ])
}

function columnValues(program: Program, resident: Resident | null) {
  const inputs: OnnxValue[] = []
  const constants: OnnxConstant[] = []
  for (const [column, { width }] of Object.entries(program.columns)) {
    const value = { name: `columns/${column}`, dtype: 'float32' as const }
    if (resident === null) inputs.push({ ...value, shape: ['N', width] })
    else {
      const data = resident[column]
      constants.push({ ...value, shape: [data.length / width, width], data: [], external: column })
    }
  }
  return { inputs, constants }
}

/** What is drawn for each step: row indices and noise. */
function drawnValues(program: Program, steps: number): OnnxValue[] {
  const indices = { name: unrolledNames.indices, dtype: 'int32' as const, shape: [steps, program.batchSize] }
  return [
    ...(Object.keys(program.columns).length > 0 ? [indices] : []),
    ...Object.entries(program.noise).map(([name, { shape }]) => ({
      name: `noise/${name}`,
      dtype: 'float32' as const,
      shape: [steps, ...shape]
    }))
  ]
}
