import type { TensorSpecs } from '../../base/tensors.ts'
import type { Graph } from '../graph.ts'
import { shareCommon } from './shareCommon.ts'
import { removeDeadCode } from './deadCode.ts'
import { foldConstants } from './foldConstants.ts'
import { removeIdentities } from './identities.ts'
import { type PackedState, packState } from './packState.ts'
import { takeMasksFromRelus } from './reluMasks.ts'
import { shrinkOperands } from './shrinkOperands.ts'

const passes = {
  deadCode: removeDeadCode,
  reluMasks: takeMasksFromRelus,
  constants: foldConstants,
  identities: removeIdentities,
  operands: shrinkOperands,
  sharing: shareCommon
} as const

type GraphPass = keyof typeof passes
export type PassName = GraphPass | 'packState'
/** All passes, in the order in which they first run. */
export const passNames: readonly PassName[] = [...(Object.keys(passes) as GraphPass[]), 'packState']

const first: readonly GraphPass[] = ['deadCode', 'reluMasks']
const repeated: readonly GraphPass[] = ['constants', 'identities', 'operands', 'sharing', 'deadCode']

export interface OptimizeOptions {
  /** Passes to leave out: what each one gains is measured so. */
  readonly without?: readonly PassName[]
}

/** Rewrites a graph until it gets no smaller: what every engine profits from. */
export function optimize(graph: Graph, { without = [] }: OptimizeOptions = {}): Graph {
  const apply = (start: Graph, names: readonly GraphPass[]): Graph =>
    names.reduce((result, name) => (without.includes(name) ? result : passes[name](result)), start)
  let current = apply(graph, first)
  for (;;) {
    const simpler = apply(current, repeated)
    if (simpler.nodes.length === current.nodes.length) return simpler
    current = simpler
  }
}

/**
 * A recorded training step as engines compile it: simplified, its state packed, and simplified again.
 * @param graph as `traceProgram` records it
 * @param state of the program
 */
export function optimizeStep(graph: Graph, state: TensorSpecs, options: OptimizeOptions = {}): PackedState {
  const simple = optimize(graph, options)
  if (options.without?.includes('packState')) return { graph: simple, state, places: {} }
  const packed = packState(simple, state)
  return { ...packed, graph: optimize(packed.graph, options) }
}
