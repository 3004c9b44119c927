import { type HostTensor, type HostTensors, type NumericArray } from '../../base/tensors.ts'
import { checkTensors } from '../check.ts'
import { type Graph, type Node } from '../graph.ts'
import { optimize } from '../passes/index.ts'
import type { PureFunction } from '../program.ts'
import { traceFunction } from '../trace.ts'
import { generalizeRows, varying } from '../varyingRows.ts'
import { lowerGraph } from './lower.ts'
import { encodeModel, type OnnxValue } from './proto.ts'
import { createSession } from './runtime.ts'
import { wrap } from './tensors.ts'
import { OnnxWriter } from './writer.ts'

/**
 * An ONNX model (opset 18, standard operators alone) of a function with its parameters inside, for any number of rows: the
 * leading dimension that `functionOf` is given varies, and is called `rows` in the model.
 * @param functionOf the function for a number of rows; called twice
 * @param params values of the parameters
 * @param metadata key-value pairs stored in the file
 * @throws Error when the function depends on the number of rows other than by shapes
 */
export function exportFunction(
  functionOf: (rows: number) => PureFunction,
  params: HostTensors,
  metadata: Readonly<Record<string, string>> = {}
): Uint8Array {
  // Two primes that no layer is likely to have as a width; what differs between the two recordings follows the rows.
  const [one, other] = [101, 103].map(rows => recordWith(functionOf(rows), params))
  const graph = generalizeRows(one, other)
  const writer = new OnnxWriter('v')
  const inputs = graph.nodes.filter(node => node.op === 'input').map(inputValue)
  const results = lowerGraph(
    graph,
    writer,
    Object.fromEntries(inputs.map(({ name }) => [`inputs/${name}`, name]))
  )
  for (const [name, value] of Object.entries(results)) writer.rename(value, name)
  const outputs = Object.entries(graph.outputs).map(([name, id]) => valueOf(name, graph.nodes[id]))
  const { nodes, constants } = writer
  return encodeModel({ name: functionOf(1).id, nodes, constants, inputs, outputs }, metadata)
}

/** The function's graph with its parameters as constants. */
function recordWith(fn: PureFunction, params: HostTensors): Graph {
  checkTensors('the parameters', fn.params, params)
  const graph = traceFunction(fn)
  const nodes = graph.nodes.map((node): Node => {
    const name = node.op === 'input' ? (node.attrs.name ?? '') : ''
    if (!name.startsWith('params/')) return node
    return { ...node, op: 'constant', attrs: {}, data: params[name.slice('params/'.length)].data }
  })
  return optimize({ nodes, outputs: graph.outputs })
}

const inputValue = (node: Node): OnnxValue => valueOf((node.attrs.name ?? '').replace(/^inputs\//, ''), node)

const valueOf = (name: string, { dtype, shape }: Node): OnnxValue => ({
  name,
  dtype,
  shape: shape.map(size => (size === varying ? 'rows' : size))
})

/**
 * Runs a model's bytes once, to check a file that was written.
 * @param inputs by the model's own names
 * @returns all outputs by name
 */
export async function runOnnx(bytes: Uint8Array, inputs: HostTensors): Promise<Record<string, HostTensor>> {
  const session = await createSession(bytes, 1)
  try {
    const feeds = Object.entries(inputs).map(
      ([name, { data, shape, dtype }]) => [name, wrap(data, shape, dtype)] as const
    )
    const results = await session.run(Object.fromEntries(feeds))
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        {
          shape: [...tensor.dims],
          dtype: tensor.type as HostTensor['dtype'],
          data: (tensor.data as NumericArray).slice()
        }
      ])
    )
  } finally {
    await session.release()
  }
}
