import * as tf from '@tensorflow/tfjs-core'
import { invariant } from '../../base/errors.ts'
import type { HostTensors, NumericArray } from '../../base/tensors.ts'
import { checkInputs, checkTensors } from '../check.ts'
import type { Callable } from '../engine.ts'
import type { PureFunction } from '../program.ts'
import { argumentName, callSignature, outputName } from './functionModel.ts'
import { makeTensor, onTensorflow, type Signature } from './runtime.ts'

type Arrays = Readonly<Record<string, NumericArray>>

/** A compiled pure function. */
export class TensorflowCallable implements Callable {
  readonly #fn: PureFunction
  readonly #signatures: Readonly<Record<string, Signature>>
  #params: Record<string, tf.Tensor> | null = null

  constructor(fn: PureFunction, signatures: Readonly<Record<string, Signature>>) {
    this.#fn = fn
    this.#signatures = signatures
  }

  async bind(params: HostTensors): Promise<void> {
    checkTensors('the parameters', this.#fn.params, params)
    this.#unbind()
    this.#params = onTensorflow(() =>
      Object.fromEntries(
        Object.keys(this.#fn.params).map((name, i) => {
          const { data, shape, dtype } = params[name]
          return [argumentName(i), makeTensor(data, shape, dtype)]
        })
      )
    )
  }

  async call(inputs: Arrays): Promise<Arrays> {
    checkInputs(this.#fn.inputs, inputs)
    const params = this.#params
    invariant(params, `${this.#fn.id} was called before its parameters were bound`)
    return onTensorflow(() => {
      const first = Object.keys(this.#fn.params).length
      const fed = Object.fromEntries(
        Object.entries(this.#fn.inputs).map(([name, { shape, dtype }], i) => [
          argumentName(first + i),
          makeTensor(inputs[name], shape, dtype)
        ])
      )
      const results = this.#signatures[callSignature].predict({ ...params, ...fed })
      const arrays = Object.fromEntries(
        this.#fn.outputs.map((name, i) => [name, results[outputName(i)].dataSync().slice()])
      )
      tf.dispose([fed, results])
      return arrays
    })
  }

  async close(): Promise<void> {
    this.#unbind()
    onTensorflow(() => {
      for (const signature of Object.values(this.#signatures)) signature.dispose()
    })
  }

  #unbind(): void {
    const params = this.#params
    if (params) onTensorflow(() => tf.dispose(params))
    this.#params = null
  }
}
