import { sameShape } from '../check.ts'
import { type Graph, type GraphBuilder, rewrite } from '../graph.ts'
import { binaryOps } from './elementwise.ts'

/**
 * Lets elementwise operations broadcast: an operand that only repeats one number, or was broadcast, is read in its small form
 * where the other operand has the full shape anyway.
 */
export function shrinkOperands(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    if (!binaryOps.has(node.op)) return null
    for (const side of [0, 1]) {
      const other = builder.nodes[inputs[1 - side]]
      const small = sameShape(other.shape, node.shape) ? smallForm(builder, inputs[side]) : null
      if (small !== null) return builder.copy(node, inputs.with(side, small))
    }
    return null
  })
}

function smallForm(builder: GraphBuilder, id: number): number | null {
  const node = builder.nodes[id]
  if (node.op === 'broadcast') return node.inputs[0]
  if (node.op !== 'constant' || node.data?.length !== 1 || node.shape.length === 0) return null
  return builder.constant(node.data, { shape: [], dtype: node.dtype })
}
