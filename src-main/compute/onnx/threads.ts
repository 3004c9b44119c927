import type { Graph } from '../graph.ts'

/**
 * Multiply-adds of a product that are worth a thread of their own. ONNX Runtime shares every operation among all its threads, however
 * small; measured on two cores: 1 M lose (2x64, batch 256: 5141 against 2785 steps/s of BC), 4 M gain a little, 17 M much.
 */
const multiplyAddsPerThread = 2 ** 21

/** Multiply-adds of the largest matrix product of a step; 0 without one. */
export function largestProduct({ nodes }: Graph): number {
  const sizes = nodes.map(({ op, inputs, shape, attrs }) => {
    if (op !== 'matMul') return 0
    const [left] = inputs.map(id => nodes[id].shape)
    const shared = left[left.length - (attrs.transposeA ? 2 : 1)]
    return shape.reduce((product, size) => product * size, shared)
  })
  return Math.max(0, ...sizes)
}

/**
 * Threads that a step is really shared among: no more than its products are worth.
 * @param offered threads that the run may use
 */
export function threadsFor(graph: Graph, offered: number): number {
  return Math.max(1, Math.min(offered, Math.floor(largestProduct(graph) / multiplyAddsPerThread)))
}
