import * as tf from '@tensorflow/tfjs-core'
import { invariant } from '../../base/errors.ts'
import type { HostTensors, NumericArray } from '../../base/tensors.ts'
import { checkInputs, checkTensors } from '../check.ts'
import type { Callable } from '../engine.ts'
import type { PureFunction } from '../program.ts'
import { useBackend } from './backend.ts'
import { allToDevice, inputsToDevice, toHost } from './convert.ts'

type Arrays = Readonly<Record<string, NumericArray>>

/** Runs a pure function op by op on a tfjs backend. */
export class EagerCallable implements Callable {
  readonly #fn: PureFunction
  readonly #backend: string
  #params: Record<string, tf.Tensor> | null = null

  constructor(fn: PureFunction, backend: string) {
    this.#fn = fn
    this.#backend = backend
  }

  async bind(params: HostTensors): Promise<void> {
    checkTensors('the parameters', this.#fn.params, params)
    useBackend(this.#backend)
    if (this.#params) tf.dispose(this.#params)
    this.#params = allToDevice(params)
  }

  async call(inputs: Arrays): Promise<Arrays> {
    checkInputs(this.#fn.inputs, inputs)
    const params = this.#params
    invariant(params, `${this.#fn.id} was called before its parameters were bound`)
    useBackend(this.#backend)
    const outputs: Record<string, NumericArray> = {}
    tf.tidy(() => {
      const result = this.#fn.fn(params, inputsToDevice(this.#fn.inputs, inputs))
      for (const name of this.#fn.outputs) {
        invariant(result[name], `${this.#fn.id} returns no '${name}'`)
        outputs[name] = toHost(result[name])
      }
    })
    return outputs
  }

  async close(): Promise<void> {
    if (this.#params) tf.dispose(this.#params)
    this.#params = null
  }
}
