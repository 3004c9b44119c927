import type { ExecutionMode } from '../../../src-preload/contract/execution.ts'
import type { Graph } from '../graph.ts'
import type { PureFunction } from '../program.ts'
import { lowerGraph } from './lower.ts'
import type { TfModel, TfNode, TfTensorInfo } from './proto.ts'
import { FunctionWriter } from './writer.ts'

export const callSignature = 'call'
/** Parameters come first. */
export const argumentName = (i: number): string => `argument_${i}`
export const outputName = (i: number): string => `output_${i}`

/** A pure function as a SavedModel with one signature from parameters and inputs to outputs. */
export function functionModel(fn: PureFunction, graph: Graph, mode: ExecutionMode): TfModel {
  const specs = [
    ...Object.entries(fn.params).map(([name, spec]) => [`params/${name}`, spec] as const),
    ...Object.entries(fn.inputs).map(([name, spec]) => [`inputs/${name}`, spec] as const)
  ]
  const writer = new FunctionWriter()
  const names = specs.map(([name, { dtype }], i) => [name, writer.input(argumentName(i), dtype)] as const)
  const results = lowerGraph(graph, writer, Object.fromEntries(names))
  const outputs = fn.outputs.map(name => graph.nodes[graph.outputs[name]])
  const body = writer.finish(
    'fn',
    fn.outputs.map((name, i) => ({ type: outputs[i].dtype, from: results[name] }))
  )
  const placeholders = specs.map(([, { shape, dtype }], i): TfNode => ({
    ...{ name: argumentName(i), op: 'Placeholder', inputs: [] },
    attributes: { dtype: { type: dtype }, shape: { shape } }
  }))
  const call: TfNode = {
    ...{ name: 'fn_call', op: 'PartitionedCall', inputs: placeholders.map(({ name }) => name) },
    attributes: {
      f: { func: 'fn' },
      Tin: { types: specs.map(([, { dtype }]) => dtype) },
      Tout: { types: outputs.map(({ dtype }) => dtype) },
      ...(mode === 'xla' ? { _XlaMustCompile: { b: true } } : {})
    }
  }
  return {
    nodes: [...placeholders, call],
    functions: [body],
    signatures: {
      [callSignature]: {
        inputs: Object.fromEntries(
          specs.map(([, { shape, dtype }], i) => [
            argumentName(i),
            info(`${argumentName(i)}:0`, dtype, shape)
          ])
        ),
        outputs: Object.fromEntries(
          outputs.map(({ shape, dtype }, i) => [outputName(i), info(`fn_call:${i}`, dtype, shape)])
        )
      }
    }
  }
}

const info = (name: string, type: TfTensorInfo['type'], shape: readonly number[]): TfTensorInfo => ({
  name,
  type,
  shape
})
