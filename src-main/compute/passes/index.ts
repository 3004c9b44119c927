import type { Graph } from '../graph.ts'
import { shareCommon } from './shareCommon.ts'
import { removeDeadCode } from './deadCode.ts'
import { foldConstants } from './foldConstants.ts'
import { removeIdentities } from './identities.ts'
import { takeMasksFromRelus } from './reluMasks.ts'
import { shrinkOperands } from './shrinkOperands.ts'

const simplifications = [foldConstants, removeIdentities, shrinkOperands, shareCommon, removeDeadCode]

/** Rewrites a graph until it gets no smaller: what every engine profits from. */
export function optimize(graph: Graph): Graph {
  let current = takeMasksFromRelus(removeDeadCode(graph))
  for (;;) {
    const simpler = simplifications.reduce((result, pass) => pass(result), current)
    if (simpler.nodes.length === current.nodes.length) return simpler
    current = simpler
  }
}
