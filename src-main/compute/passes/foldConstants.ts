import { sizeOf } from '../../base/tensors.ts'
import { type Graph, GraphBuilder, type Node, rewrite } from '../graph.ts'
import { interpret } from '../interpret.ts'
import { elementwise } from './elementwise.ts'

/** Results larger than this are computed by the engine instead of being stored in the model. */
const maxFoldedSize = 65_536

/** Computes what depends on constants alone. */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    if (node.inputs.length === 0) return null
    const sources = inputs.map(id => builder.nodes[id])
    if (!sources.every(source => source.op === 'constant')) return null
    // The same number everywhere stays one number, whatever its shape.
    const uniform = elementwise.has(node.op) && sources.every(source => source.data?.length === 1)
    if (!uniform && sizeOf(node.shape) > maxFoldedSize) return null
    return builder.constant(evaluate(node, uniform ? sources.map(asScalar) : sources), node)
  })
}

const asScalar = (node: Node): Node => ({ ...node, shape: [] })

function evaluate(node: Node, sources: readonly Node[]) {
  const builder = new GraphBuilder()
  const inputs = sources.map(source => builder.copy(source, []))
  return interpret({ nodes: builder.nodes, outputs: { result: builder.copy(node, inputs) } }).result
}
