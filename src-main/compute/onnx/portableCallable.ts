/** A recorded function run by onnxruntime; loads neither tfjs nor the passes, so that a process that only acts starts fast. */
import { invariant } from '../../base/errors.ts'
import { type HostTensors, type NumericArray, sizeOf, type TensorSpecs } from '../../base/tensors.ts'
import type { Callable } from '../engine.ts'
import { encodeModel, type OnnxGraph } from './proto.ts'
import { createSession, type OrtSession } from './runtime.ts'
import { wrap } from './tensors.ts'

/** A function as plain data that survives structured clone. */
export interface PortableFunction {
  readonly id: string
  /** The parameters that it reads; in the graph they are named `params/...` and have no values yet. */
  readonly params: TensorSpecs
  /** The inputs that it reads. */
  readonly inputs: TensorSpecs
  readonly outputs: readonly string[]
  readonly graph: OnnxGraph
}

/** Parameters become constants of the model, which calls then need not be given and the runtime can lay out for its products. */
export class PortableCallable implements Callable {
  readonly #fn: PortableFunction
  readonly #threads: number
  #params: HostTensors | null = null
  #session: OrtSession | null = null

  constructor(fn: PortableFunction, threads: number) {
    this.#fn = fn
    this.#threads = threads
  }

  /** Takes parameters by name; those that the function does not read may be there or not. */
  async bind(params: HostTensors): Promise<void> {
    for (const [name, { shape }] of Object.entries(this.#fn.params)) {
      const length = params[name]?.data.length
      invariant(length === sizeOf(shape), `${this.#fn.id} needs ${name} of ${sizeOf(shape)}, got ${length}`)
    }
    await this.close()
    this.#params = params
  }

  async call(
    inputs: Readonly<Record<string, NumericArray>>
  ): Promise<Readonly<Record<string, NumericArray>>> {
    this.#session ??= await this.#compile()
    const feeds: Record<string, ReturnType<typeof wrap>> = {}
    for (const [name, { shape, dtype }] of Object.entries(this.#fn.inputs))
      feeds[`inputs/${name}`] = wrap(inputs[name], shape, dtype)
    const results = await this.#session.run(feeds)
    const outputs: Record<string, NumericArray> = {}
    for (const name of this.#fn.outputs) outputs[name] = results[name].data as NumericArray
    return outputs
  }

  async #compile(): Promise<OrtSession> {
    const params = this.#params
    invariant(params, `${this.#fn.id} was called before its parameters were bound`)
    const constants = Object.keys(this.#fn.params).map(name => ({ ...params[name], name: `params/${name}` }))
    const { graph } = this.#fn
    const model = encodeModel({ ...graph, constants: [...graph.constants, ...constants] })
    return createSession(model, this.#threads)
  }

  async close(): Promise<void> {
    await this.#session?.release()
    this.#session = null
  }
}
