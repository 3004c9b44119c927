/** A program's step as a SavedModel whose state and columns live in variables, with a loop of K steps a call. */
import type { ExecutionMode } from '../../../src-preload/contract/execution.ts'
import { type Dtype, type TensorSpec } from '../../base/tensors.ts'
import { invariant } from '../../base/errors.ts'
import type { Graph } from '../graph.ts'
import type { Program } from '../program.ts'
import { gatherRows, lowerGraph } from './lower.ts'
import type { Attributes, TfFunction, TfModel, TfNode, TfSignature, TfTensorInfo, TypeName } from './proto.ts'
import { FunctionWriter } from './writer.ts'

export interface TrainModel {
  readonly program: Program
  /** The step, with inputs and outputs as `traceProgram` names them. */
  readonly graph: Graph
  /** How the loop is run: compiled as a whole by XLA, or node by node. */
  readonly mode: ExecutionMode
  /** Rows of the buffers for indices, noise and metrics: the most steps in one call; null: any number. */
  readonly capacity: number | null
  /** State tensors whose sums are told for every step. */
  readonly watched: readonly string[]
  /** Starts names of variables that no other model of the process has. */
  readonly scope: string
}

/** Names of the signatures. */
export const signatures = {
  /** steps, indices, noise -> metrics [capacity, metrics * lanes], sums [capacity, lanes], endSums [lanes]; moves the state on. */
  train: 'train',
  /** The same from the state before the last call, which it leaves alone. */
  again: 'again',
  set: 'set',
  get: 'get',
  columns: 'columns'
} as const

/** Names in signatures: those of programs have slashes, which are kept apart by their position here. */
export const inputNames = { steps: 'steps', indices: 'indices' } as const
export const stateInput = (i: number): string => `state_${i}`
export const noiseInput = (i: number): string => `noise_${i}`
export const columnInput = (i: number): string => `column_${i}`
export const resultNames = { metrics: 'metrics', sums: 'sums', endSums: 'endSums', done: 'done' } as const

/** State names in the order of the model: sorted, in which XLA lays the loop out better than as declared. */
export const stateNames = (program: Program): string[] => Object.keys(program.state).sort()
export const lanesOf = (program: Program): number => program.lanes ?? 1

interface Variable {
  readonly node: string
  readonly type: Dtype
  readonly shape: readonly number[]
}

/** The whole model. */
export function trainModel(model: TrainModel): TfModel {
  const { program } = model
  const top = new TopGraph(model.scope)
  const names = stateNames(program)
  const state = names.map((name, i) => top.variable(`state_${i}`, program.state[name]))
  const before = names.map((name, i) => top.variable(`before_${i}`, program.state[name]))
  const columns = Object.values(program.columns).map(({ width }, i) =>
    top.variable(`column_${i}`, { shape: [-1, width], dtype: 'float32' })
  )
  const functions = [
    ...loopFunctions(model, 'train', model.watched),
    ...loopFunctions(model, 'again', floatingNames(program))
  ]
  const feeds = runFeeds(model, top)
  const called: Record<string, TfSignature> = {
    [signatures.train]: top.call('train', model, feeds, [...state, ...before, ...columns]),
    [signatures.again]: top.call('again', model, feeds, [...state, ...before, ...columns])
  }
  return {
    nodes: top.nodes,
    functions,
    signatures: {
      ...called,
      [signatures.set]: top.assign('set', state, stateInput),
      [signatures.get]: top.read('get', state, stateInput),
      ...(columns.length > 0 ? { [signatures.columns]: top.assign('columns', columns, columnInput) } : {})
    }
  }
}

export const floatingNames = (program: Program): string[] =>
  stateNames(program).filter(name => program.state[name].dtype === 'float32')

interface Feed {
  readonly name: string
  readonly info: TfTensorInfo
}

/** What every call brings: steps, indices and noise. */
function runFeeds({ program, capacity }: TrainModel, top: TopGraph): Feed[] {
  const rows = capacity ?? -1
  const noise = Object.values(program.noise).map(({ shape }, i) =>
    top.placeholder(noiseInput(i), 'float32', [rows, ...shape])
  )
  const indices = Object.keys(program.columns).length > 0
  return [
    top.placeholder(inputNames.steps, 'int32', []),
    ...(indices ? [top.placeholder(inputNames.indices, 'int32', [rows, program.batchSize])] : []),
    ...noise
  ]
}

/** The graph around the functions: placeholders, variables and the calls that signatures name. */
class TopGraph {
  readonly nodes: TfNode[] = []
  readonly #scope: string

  constructor(scope: string) {
    this.#scope = scope
  }

  #add(name: string, op: string, inputs: readonly string[], attributes: Attributes): string {
    this.nodes.push({ name, op, inputs, attributes })
    return name
  }

  placeholder(name: string, type: TypeName, shape: readonly number[]): Feed {
    this.#add(name, 'Placeholder', [], { dtype: { type }, shape: { shape } })
    return { name, info: { name: `${name}:0`, type, shape } }
  }

  variable(name: string, { shape, dtype }: TensorSpec): Variable {
    const attributes = {
      dtype: { type: dtype },
      shape: { shape },
      shared_name: { s: `${this.#scope}_${name}` }
    }
    return { node: this.#add(`var_${name}`, 'VarHandleOp', [], attributes), type: dtype, shape }
  }

  /** A call of a training function. */
  call(name: string, model: TrainModel, feeds: readonly Feed[], variables: readonly Variable[]): TfSignature {
    const { program, capacity, mode } = model
    const rows = capacity ?? -1
    const lanes = lanesOf(program)
    const outputs = [
      [resultNames.metrics, [rows, program.metrics.length * lanes]],
      [resultNames.sums, [rows, lanes]],
      [resultNames.endSums, [lanes]]
    ] as const
    this.#add(
      `${name}_call`,
      'StatefulPartitionedCall',
      [...feeds.map(feed => feed.name), ...variables.map(({ node }) => node)],
      {
        f: { func: name },
        Tin: { types: [...feeds.map(({ info }) => info.type), ...variables.map(() => 'resource' as const)] },
        Tout: { types: outputs.map(() => 'float32') },
        ...(mode === 'xla' ? { _XlaMustCompile: { b: true } } : {})
      }
    )
    return {
      inputs: Object.fromEntries(feeds.map(({ name, info }) => [name, info])),
      outputs: Object.fromEntries(
        outputs.map(([output, shape], i) => [
          output,
          { name: `${name}_call:${i}`, type: 'float32', shape } satisfies TfTensorInfo
        ])
      )
    }
  }

  /** Gives variables new values; one scalar comes back when all are set. */
  assign(name: string, variables: readonly Variable[], inputName: (i: number) => string): TfSignature {
    const feeds = variables.map(({ type, shape }, i) =>
      this.placeholder(`${name}_${inputName(i)}`, type, shape)
    )
    const done = variables.map(({ node, type }, i) => {
      const assign = this.#add(`${name}_assign_${i}`, 'AssignVariableOp', [node, feeds[i].name], {
        dtype: { type },
        validate_shape: { b: false }
      })
      return `^${assign}`
    })
    const one = { tensor: { dtype: 'int32' as const, shape: [], data: [1] } }
    this.#add(`${name}_done`, 'Const', done, { dtype: { type: 'int32' }, value: one })
    return {
      inputs: Object.fromEntries(feeds.map(({ info }, i) => [inputName(i), info])),
      outputs: { [resultNames.done]: { name: `${name}_done:0`, type: 'int32', shape: [] } }
    }
  }

  read(name: string, variables: readonly Variable[], outputName: (i: number) => string): TfSignature {
    const outputs = variables.map(({ node, type, shape }, i) => {
      const read = this.#add(`${name}_read_${i}`, 'ReadVariableOp', [node], { dtype: { type } })
      return [outputName(i), { name: `${read}:0`, type, shape } satisfies TfTensorInfo] as const
    })
    return { inputs: {}, outputs: Object.fromEntries(outputs) }
  }
}

/** One value that a loop carries. */
interface Carried {
  readonly name: string
  readonly type: TypeName
  readonly shape: readonly number[]
}

/**
 * A training function with the condition and the body of its loop. `train` starts from the state and stores what comes out, keeping
 * the old one in `before`; `again` starts from `before` and stores nothing.
 */
function loopFunctions(model: TrainModel, name: 'train' | 'again', watched: readonly string[]): TfFunction[] {
  const { program, capacity } = model
  const rows = capacity ?? -1
  const lanes = lanesOf(program)
  const fixed: Carried[] = [
    ...(Object.keys(program.columns).length > 0
      ? [{ name: 'indices', type: 'int32' as const, shape: [rows, program.batchSize] }]
      : []),
    ...Object.values(program.noise).map(({ shape }, i) => ({
      name: noiseInput(i),
      ...{ type: 'float32' as const, shape: [rows, ...shape] }
    })),
    ...Object.values(program.columns).map(({ width }, i) => ({
      name: columnInput(i),
      ...{ type: 'float32' as const, shape: [-1, width] }
    }))
  ]
  const states = stateNames(program).map((state, i) => ({
    name: stateInput(i),
    ...{ type: program.state[state].dtype, shape: program.state[state].shape }
  }))
  const results: Carried[] = [
    { name: 'metrics', type: 'float32', shape: [rows, program.metrics.length * lanes] },
    { name: 'sums', type: 'float32', shape: [rows, lanes] }
  ]
  const counters: Carried[] = ['step', 'steps'].map(counter => ({ name: counter, type: 'int32', shape: [] }))
  const carried = [...counters, ...fixed, ...states, ...results]
  const body = bodyFunction(model, `${name}_body`, carried, watched)
  invariant(body.outputs.length === carried.length, 'a loop body must return what it takes')
  return [
    outerFunction(model, name, { fixed, states, results, carried }),
    conditionFunction(`${name}_condition`, carried),
    body
  ]
}

interface LoopParts {
  readonly fixed: readonly Carried[]
  readonly states: readonly Carried[]
  readonly results: readonly Carried[]
  readonly carried: readonly Carried[]
}

function outerFunction(model: TrainModel, name: 'train' | 'again', parts: LoopParts): TfFunction {
  const { program, mode, capacity } = model
  const { fixed, states, results, carried } = parts
  const writer = new FunctionWriter()
  const steps = writer.input(inputNames.steps, 'int32')
  const fed = fixed
    .filter(({ name }) => !name.startsWith('column_'))
    .map(({ name, type }) => writer.input(name, type))
  const handle = (name: string): string => writer.input(name, 'resource')
  const state = states.map(({ name }) => handle(name))
  const before = states.map((_, i) => handle(`before_${i}`))
  const columns = Object.keys(program.columns).map((_, i) => handle(columnInput(i)))
  const readAll = (handles: readonly string[], types: readonly TypeName[]): string[] =>
    handles.map((variable, i) =>
      writer.node('ReadVariableOp', 'value', [variable], { dtype: { type: types[i] } })
    )
  const types = states.map(({ type }) => type)
  const old = readAll(name === 'train' ? state : before, types)
  const data = readAll(
    columns,
    columns.map(() => 'float32')
  )
  const rows = capacity === null ? steps : writer.int(capacity)
  const empty = results.map(({ shape }) => zeros(writer, rows, shape[1]))
  const loop = [writer.int(0), steps, ...fed, ...data, ...old, ...empty]
  const list = { types: carried.map(({ type }) => type) }
  const first = writer.node('StatelessWhile', 'output', loop, {
    T: list,
    cond: { func: `${name}_condition` },
    body: { func: `${name}_body` },
    output_shapes: { shapes: carried.map(({ shape }) => shape) },
    parallel_iterations: { i: 10 },
    ...(mode === 'graph' ? { _lower_using_switch_merge: { b: true } } : {})
  })
  const result = (i: number): string => first.replace(/0$/, String(i))
  const from = carried.length - states.length - results.length
  const next = states.map((_, i) => result(from + i))
  if (name === 'train') {
    const store = (variable: string, value: string, type: TypeName): void =>
      writer.effect('AssignVariableOp', [variable, value], { dtype: { type }, validate_shape: { b: false } })
    before.forEach((variable, i) => store(variable, old[i], types[i]))
    // A variable is read by what the loop starts from, so it is assigned after that.
    state.forEach((variable, i) => store(variable, next[i], types[i]))
  }
  const sums = stateSums(
    writer,
    program,
    floatingNames(program),
    label => next[stateNames(program).indexOf(label)]
  )
  return writer.finish(name, [
    { type: 'float32', from: result(carried.length - 2) },
    { type: 'float32', from: result(carried.length - 1) },
    { type: 'float32', from: sums }
  ])
}

function zeros(writer: FunctionWriter, rows: string, width: number): string {
  const shape = writer.node('Pack', 'output', [rows, writer.int(width)], {
    ...{ N: { i: 2 }, T: { type: 'int32' }, axis: { i: 0 } }
  })
  return writer.node('Fill', 'output', [shape, writer.constant([0], [], 'float32')], {
    ...{ T: { type: 'float32' }, index_type: { type: 'int32' } }
  })
}

function conditionFunction(name: string, carried: readonly Carried[]): TfFunction {
  const writer = new FunctionWriter()
  const [step, steps] = carried.map(({ name, type }) => writer.input(name, type))
  const more = writer.node('Less', 'z', [step, steps], { T: { type: 'int32' } })
  return writer.finish(name, [{ type: 'bool', from: more }])
}

function bodyFunction(
  model: TrainModel,
  name: string,
  carried: readonly Carried[],
  watched: readonly string[]
): TfFunction {
  const { program, graph } = model
  const writer = new FunctionWriter()
  for (const { name, type } of carried) writer.input(name, type)
  const names = stateNames(program)
  const inputs: Record<string, string> = Object.fromEntries(
    names.map((state, i) => [`state/${state}`, stateInput(i)])
  )
  const columns = Object.keys(program.columns)
  if (columns.length > 0) {
    const rows = gatherRows(writer, inputNames.indices, 'step', 'int32')
    columns.forEach((column, i) => {
      inputs[`batch/${column}`] = gatherRows(writer, columnInput(i), rows, 'float32')
    })
  }
  Object.keys(program.noise).forEach((noise, i) => {
    inputs[`noise/${noise}`] = gatherRows(writer, noiseInput(i), 'step', 'float32')
  })
  const results = lowerGraph(graph, writer, inputs)
  const metrics = joinMetrics(writer, program, results)
  const sums = stateSums(writer, program, watched, state => results[`state/${state}`])
  const next = writer.node('AddV2', 'z', ['step', writer.int(1)], { T: { type: 'int32' } })
  const same = carried.slice(1, carried.length - names.length - 2)
  return writer.finish(name, [
    { type: 'int32', from: next },
    ...same.map(({ name, type }) => ({ type, from: name })),
    ...names.map(state => ({ type: program.state[state].dtype, from: results[`state/${state}`] })),
    { type: 'float32', from: putRow(writer, 'metrics', metrics, program.metrics.length * lanesOf(program)) },
    { type: 'float32', from: putRow(writer, 'sums', sums, lanesOf(program)) }
  ])
}

/** All metrics of a step in one row, [metrics * lanes], metric by metric. */
function joinMetrics(
  writer: FunctionWriter,
  program: Program,
  results: Readonly<Record<string, string>>
): string {
  const values = program.metrics.map(metric => results[`metrics/${metric}`])
  if (values.length === 0) return writer.constant([], [0], 'float32')
  const type = { T: { type: 'float32' as const } }
  if (!program.lanes)
    return writer.node('Pack', 'output', values, { ...type, N: { i: values.length }, axis: { i: 0 } })
  if (values.length === 1) return values[0]
  return writer.node('ConcatV2', 'output', [...values, writer.int(0)], {
    ...{ ...type, N: { i: values.length }, Tidx: { type: 'int32' } }
  })
}

/** Per lane the sum over state tensors, [lanes], which is non-finite where any element is. */
function stateSums(
  writer: FunctionWriter,
  program: Program,
  names: readonly string[],
  valueOf: (name: string) => string
): string {
  const type = { T: { type: 'float32' as const } }
  const lanes = lanesOf(program)
  const sums = names.map(name => {
    const rank = program.state[name].shape.length
    const axes = [...Array(rank).keys()].slice(program.lanes ? 1 : 0)
    const sum =
      axes.length === 0
        ? valueOf(name)
        : writer.node('Sum', 'output', [valueOf(name), writer.ints(axes)], {
            ...{ ...type, Tidx: { type: 'int32' }, keep_dims: { b: false } }
          })
    return writer.node('Reshape', 'output', [sum, writer.ints([lanes])], {
      ...type,
      Tshape: { type: 'int32' }
    })
  })
  if (sums.length === 0) return writer.constant([0], [lanes], 'float32')
  return writer.node('AddN', 'sum', sums, { ...type, N: { i: sums.length } })
}

/** A buffer with the present step's row replaced. */
function putRow(writer: FunctionWriter, buffer: string, row: string, width: number): string {
  if (width === 0) return buffer
  if (width === 0) return buffer
  const at = writer.node('Reshape', 'output', ['step', writer.ints([1, 1])], {
    ...{ T: { type: 'int32' }, Tshape: { type: 'int32' } }
  })
  const update = writer.node('Reshape', 'output', [row, writer.ints([1, width])], {
    ...{ T: { type: 'float32' }, Tshape: { type: 'int32' } }
  })
  return writer.node('TensorScatterUpdate', 'output', [buffer, at, update], {
    ...{ T: { type: 'float32' }, Tindices: { type: 'int32' } }
  })
}
