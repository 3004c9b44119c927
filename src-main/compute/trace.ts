import * as tf from '@tensorflow/tfjs-core'
import '../base/gradients.ts'
import { invariant } from '../base/errors.ts'
import { type Dtype, floats, type NumericArray, type TensorSpec, type TensorSpecs } from '../base/tensors.ts'
import type { Tensors } from '../algorithms/algorithm.ts'
import { eagerBackend, useBackend } from './eager/backend.ts'
import { type Graph, GraphBuilder, formatSpec } from './graph.ts'
import { sameShape } from './check.ts'
import { kernels } from './kernels.ts'
import type { Program, PureFunction } from './program.ts'

const backendName = 'stitchwork-trace'

/** Stands for a tensor's memory while recording: the node that computes it. */
interface Recorded {
  readonly node: number
}

/**
 * A tfjs backend that computes nothing: constants and kernel calls become nodes of the current graph.
 * What tfjs dispatches is what is recorded, gradients included.
 */
class RecordingBackend extends tf.KernelBackend {
  builder = new GraphBuilder()
  #captured = new Map<object, number>()

  /** Starts a new graph. */
  begin(): void {
    this.builder = new GraphBuilder()
    this.#captured = new Map()
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const data = asNumeric(values as ArrayLike<number>, dtype as Dtype)
    return { node: this.builder.constant(data, { shape, dtype: dtype as Dtype }) } satisfies Recorded
  }

  override readSync(): never {
    throw new Error('a step must not read the values of tensors: it is recorded once and has none')
  }

  override async read(): Promise<never> {
    return this.readSync()
  }

  override disposeData(): boolean {
    return true
  }

  override incRef(): void {}

  override refCount(): number {
    return 1
  }

  override numDataIds(): number {
    return 0
  }

  override floatPrecision(): 32 {
    return 32
  }

  override epsilon(): number {
    return 1e-7
  }

  /** The node of a tensor; one made on another backend becomes a constant. */
  nodeOf(tensor: tf.TensorInfo): number {
    const recorded = tensor.dataId as Partial<Recorded>
    if (recorded.node !== undefined) return recorded.node
    const known = this.#captured.get(tensor.dataId)
    if (known !== undefined) return known
    const data = tf.engine().readSync(tensor.dataId) as NumericArray
    const node = this.builder.constant(data, { shape: tensor.shape, dtype: tensor.dtype as Dtype })
    this.#captured.set(tensor.dataId, node)
    return node
  }

  infoOf(node: number): tf.TensorInfo {
    const { shape, dtype } = this.builder.nodes[node]
    return { dataId: { node } satisfies Recorded, shape: [...shape], dtype }
  }

  tensorOf(node: number): tf.Tensor {
    const { dataId, shape, dtype } = this.infoOf(node)
    return tf.engine().makeTensorFromDataId(dataId, shape, dtype, this)
  }
}

let recording: RecordingBackend | null = null

function registerRecorder(): void {
  if (tf.findBackend(backendName)) return
  tf.registerBackend(backendName, () => new RecordingBackend(), 0)
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        invariant(recording, 'the recording backend is in use outside of a trace')
        const { builder } = recording
        const ids = Object.fromEntries(
          Object.entries(inputs).map(([name, tensor]) => [name, recording!.nodeOf(tensor as tf.TensorInfo)])
        )
        const result = kernel(builder, ids, attrs ?? {})
        return typeof result === 'number' ? recording.infoOf(result) : result.map(id => recording!.infoOf(id))
      }
    })
  }
}

/**
 * Records a function of named tensors as a graph, in one synchronous call; the previous backend is current again
 * afterwards, also when the function throws.
 * @param inputs names, shapes and types of the function's arguments
 * @param fn runs tfjs ops on symbolic tensors
 * @throws Error when an op is used that has no kernel here, or when values are read
 */
export function trace(inputs: TensorSpecs, fn: (inputs: Tensors) => Tensors): Graph {
  invariant(!recording, 'a trace is already running')
  const previous = tf.engine().backendName || eagerBackend().name
  registerRecorder()
  useBackend(backendName)
  try {
    recording = tf.backend() as RecordingBackend
    recording.begin()
    return record(recording, inputs, fn)
  } finally {
    recording = null
    useBackend(previous)
  }
}

function record(backend: RecordingBackend, inputs: TensorSpecs, fn: (inputs: Tensors) => Tensors): Graph {
  const { builder } = backend
  const outputs: Record<string, number> = {}
  tf.tidy(() => {
    const tensors = Object.entries(inputs).map(
      ([name, spec]) => [name, backend.tensorOf(builder.input(name, spec))] as const
    )
    const results = fn(Object.fromEntries(tensors))
    for (const [name, tensor] of Object.entries(results)) outputs[name] = backend.nodeOf(tensor)
  })
  return { nodes: builder.nodes, outputs }
}

/**
 * Records one training step. Inputs are named `state/...`, `batch/...` and `noise/...`; outputs `state/...` and `metrics/...`.
 * @throws Error naming what the step fails to return in the declared shape
 */
export function traceProgram(program: Program): Graph {
  const { batchSize } = program
  const inputs = {
    ...prefix('state/', program.state),
    ...prefix(
      'batch/',
      mapValues(program.columns, ({ width }) => floats([batchSize, width]))
    ),
    ...prefix(
      'noise/',
      mapValues(program.noise, ({ shape }) => ({ shape, dtype: 'float32' as const }))
    )
  }
  const graph = trace(inputs, tensors => {
    const result = program.step(under('state/', tensors), under('batch/', tensors), under('noise/', tensors))
    return { ...prefix('state/', result.state), ...prefix('metrics/', result.metrics) }
  })
  const metrics = Object.fromEntries(
    program.metrics.map(name => [
      name,
      { shape: program.lanes ? [program.lanes] : [], dtype: 'float32' as const }
    ])
  )
  return only(graph, program.id, { ...prefix('state/', program.state), ...prefix('metrics/', metrics) })
}

/** Records a pure function. Inputs are named `params/...` and `inputs/...`; outputs have the function's own names. */
export function traceFunction(fn: PureFunction): Graph {
  const inputs = { ...prefix('params/', fn.params), ...prefix('inputs/', fn.inputs) }
  const graph = trace(inputs, tensors => fn.fn(under('params/', tensors), under('inputs/', tensors)))
  return only(graph, fn.id, Object.fromEntries(fn.outputs.map(name => [name, null])))
}

/** The graph with the expected outputs alone, each checked where a spec is known. */
function only(graph: Graph, id: string, expected: Readonly<Record<string, TensorSpec | null>>): Graph {
  const outputs: Record<string, number> = {}
  for (const [name, spec] of Object.entries(expected)) {
    const node = graph.nodes[graph.outputs[name]]
    invariant(node, `${id} returns no '${name}'`)
    const fits = !spec || (node.dtype === spec.dtype && sameShape(node.shape, spec.shape))
    invariant(fits, `${id} returns '${name}' as ${formatSpec(node)}, expected ${spec && formatSpec(spec)}`)
    outputs[name] = graph.outputs[name]
  }
  return { nodes: graph.nodes, outputs }
}

function asNumeric(values: ArrayLike<number>, dtype: Dtype): NumericArray {
  if (dtype === 'float32') return Float32Array.from(values)
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values)
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, fn: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, fn(value)]))
}

function prefix<T>(start: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [start + name, value]))
}

function under<T>(start: string, record: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(record).filter(([name]) => name.startsWith(start))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(start.length), value]))
}
