import { type Graph, rewrite } from '../graph.ts'

/**
 * Takes the mask of a ReLU's gradient from the ReLU's result, step(x) = step(relu(x)), so that nothing but the ReLU needs x
 * and both can be computed in place or fused with the product before.
 */
export function takeMasksFromRelus(graph: Graph): Graph {
  const relus = new Map<number, number>()
  return rewrite(graph, (node, inputs, builder) => {
    if (node.op === 'relu') {
      const id = builder.copy(node, inputs)
      relus.set(inputs[0], id)
      return id
    }
    const relu = node.op === 'step' && !node.attrs.alpha ? relus.get(inputs[0]) : undefined
    return relu === undefined ? null : builder.copy(node, [relu])
  })
}
