import type { TensorSpecs } from '../../base/tensors.ts'
import { optimize } from '../passes/index.ts'
import type { PureFunction } from '../program.ts'
import { traceFunction } from '../trace.ts'
import { lowerGraph } from './lower.ts'
import type { PortableFunction } from './portableCallable.ts'
import { OnnxWriter } from './writer.ts'

/** Records a function as plain data, for a process that loads onnxruntime and nothing else. */
export function portableFunction(fn: PureFunction): PortableFunction {
  const graph = optimize(traceFunction(fn))
  const read = graph.nodes.flatMap(({ op, attrs }) => (op === 'input' ? [attrs.name ?? ''] : []))
  const writer = new OnnxWriter('v')
  const results = lowerGraph(graph, writer, Object.fromEntries(read.map(name => [name, name])))
  for (const name of fn.outputs) writer.rename(results[name], name)
  const inputs = only(fn.inputs, read, 'inputs/')
  const valueOf = (name: string, { shape, dtype }: TensorSpecs[string]) => ({
    name,
    dtype,
    shape: [...shape]
  })
  return {
    id: fn.id,
    params: only(fn.params, read, 'params/'),
    inputs,
    outputs: [...fn.outputs],
    graph: {
      name: fn.id,
      nodes: writer.nodes,
      constants: writer.constants,
      inputs: Object.entries(inputs).map(([name, spec]) => valueOf(`inputs/${name}`, spec)),
      outputs: fn.outputs.map(name => valueOf(name, graph.nodes[graph.outputs[name]]))
    }
  }
}

/** The specs that the graph reads: an acting policy has no use for the critics' parameters. */
const only = (specs: TensorSpecs, read: readonly string[], start: string): TensorSpecs =>
  Object.fromEntries(
    Object.entries(specs)
      .filter(([name]) => read.includes(start + name))
      .map(([name, { shape, dtype }]) => [name, { shape: [...shape], dtype }])
  )
