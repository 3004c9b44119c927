import { invariant } from '../../base/errors.ts'
import type { HostTensors, NumericArray } from '../../base/tensors.ts'
import { checkInputs, checkTensors } from '../check.ts'
import type { Callable } from '../engine.ts'
import type { Graph } from '../graph.ts'
import type { PureFunction } from '../program.ts'
import { lowerGraph } from './lower.ts'
import { encodeModel } from './proto.ts'
import type { OrtSession, OrtTensor } from './runtime.ts'
import { copyIn, wrap } from './tensors.ts'
import { OnnxWriter } from './writer.ts'

type Arrays = Readonly<Record<string, NumericArray>>

/** A pure function as a plain ONNX model: inputs `params/...` and `inputs/...`, outputs by their own names. */
export function functionModel(fn: PureFunction, graph: Graph): Uint8Array {
  const specs = { ...keyed('params/', fn.params), ...keyed('inputs/', fn.inputs) }
  const writer = new OnnxWriter('v')
  const results = lowerGraph(graph, writer, Object.fromEntries(Object.keys(specs).map(name => [name, name])))
  for (const name of fn.outputs) writer.rename(results[name], name)
  return encodeModel({
    name: fn.id,
    nodes: writer.nodes,
    constants: writer.constants,
    inputs: Object.entries(specs).map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    outputs: fn.outputs.map(name => {
      const { dtype, shape } = graph.nodes[graph.outputs[name]]
      return { name, dtype, shape }
    })
  })
}

function keyed<T>(start: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [start + name, value]))
}

/** A compiled pure function. */
export class OnnxCallable implements Callable {
  readonly #fn: PureFunction
  readonly #session: OrtSession
  #params: Record<string, OrtTensor> | null = null

  constructor(fn: PureFunction, session: OrtSession) {
    this.#fn = fn
    this.#session = session
  }

  async bind(params: HostTensors): Promise<void> {
    checkTensors('the parameters', this.#fn.params, params)
    this.#params = Object.fromEntries(
      Object.keys(this.#fn.params).map(name => [`params/${name}`, copyIn(params[name])])
    )
  }

  async call(inputs: Arrays): Promise<Arrays> {
    checkInputs(this.#fn.inputs, inputs)
    const params = this.#params
    invariant(params, `${this.#fn.id} was called before its parameters were bound`)
    const feeds = Object.entries(this.#fn.inputs).map(([name, { shape, dtype }]) => {
      return [`inputs/${name}`, wrap(inputs[name], shape, dtype)] as const
    })
    const results = await this.#session.run({ ...params, ...Object.fromEntries(feeds) })
    return Object.fromEntries(
      this.#fn.outputs.map(name => [name, (results[name].data as NumericArray).slice()])
    )
  }

  async close(): Promise<void> {
    this.#params = null
    await this.#session.release()
  }
}
