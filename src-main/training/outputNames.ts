import { sizeOf, type HostTensors, type TensorSpecs } from '../base/tensors.ts'
import { eagerEngine } from '../compute/eager/index.ts'
import type { PureFunction } from '../compute/program.ts'

/** Completes a function with the names of its outputs, learnt by calling it op by op on zeros; `inputs` may have any row count. */
export async function withOutputNames(
  fn: Omit<PureFunction, 'outputs'>,
  params: HostTensors
): Promise<PureFunction> {
  let outputs: string[] = []
  const probe: PureFunction = {
    ...fn,
    inputs: oneRow(fn.inputs),
    outputs: [],
    fn: (tensors, inputs) => {
      const result = fn.fn(tensors, inputs)
      outputs = Object.keys(result)
      return result
    }
  }
  const call = await eagerEngine.compileFunction(probe, { threads: 1 })
  await call.bind(params)
  await call.call(
    Object.fromEntries(
      Object.entries(probe.inputs).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))])
    )
  )
  await call.close()
  return { ...fn, outputs }
}

const oneRow = (inputs: TensorSpecs): TensorSpecs =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape: [1, ...shape.slice(1)], dtype }])
  )
