import type { Graph } from '../graph.ts'
import { removeDeadCode } from './deadCode.ts'

/** All passes that every engine profits from. */
export function optimize(graph: Graph): Graph {
  return removeDeadCode(graph)
}
