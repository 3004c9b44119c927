import { type Graph, rewrite } from '../graph.ts'

/** Removes nodes that no output needs. */
export function removeDeadCode(graph: Graph): Graph {
  const alive = graph.nodes.map(() => false)
  for (const id of Object.values(graph.outputs)) alive[id] = true
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    if (alive[id]) for (const input of graph.nodes[id].inputs) alive[input] = true
  }
  let id = 0
  // A dead node has no living user, so what stands for it is never looked at.
  return rewrite(graph, () => (alive[id++] ? null : -1))
}
