import { sizeOf } from '../../base/tensors.ts'
import { type Graph, summedSize } from '../graph.ts'

/**
 * Multiply-adds of a product that are worth a thread of their own. ONNX Runtime shares every operation among all its threads, however
 * small; measured on two cores: 1 M lose (2x64, batch 256: 5141 against 2785 steps/s of BC), 4 M gain a little, 17 M much.
 */
const multiplyAddsPerThread = 2 ** 21

/** Multiply-adds of the largest matrix product of a step; 0 without one. */
export const largestProduct = (graph: Graph): number =>
  Math.max(
    0,
    ...graph.nodes.map(node => (node.op === 'matMul' ? sizeOf(node.shape) * summedSize(node, graph) : 0))
  )

/**
 * Threads that a step is really shared among: no more than its products are worth.
 * @param offered threads that the run may use
 */
export function threadsWorth(graph: Graph, offered: number): number {
  return Math.max(1, Math.min(offered, Math.floor(largestProduct(graph) / multiplyAddsPerThread)))
}
