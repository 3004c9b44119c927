import { type Graph, type Node, rewrite, summedSize } from '../graph.ts'

/** Products with a side shorter than this gain nothing: they are layers next to observations, actions and values. */
const shortestSide = 64

/**
 * Lets the products between hidden layers multiply in bfloat16; what goes in and comes out, and everything else, stays float32.
 * Products with observations, actions and values keep all their bits.
 */
export function multiplyInBfloat16(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, builder) => {
    if (node.op !== 'matMul' || node.dtype !== 'float32' || !isHidden(node, graph)) return null
    return builder.add('matMul', inputs, { ...node.attrs, precision: 'bfloat16' })
  })
}

const isHidden = (node: Node, graph: Graph): boolean =>
  [summedSize(node, graph), ...node.shape.slice(-2)].every(size => size >= shortestSide)
