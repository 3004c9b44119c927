import { type Graph, splatOf } from './graph.ts'

/**
 * Names of the state tensors in which a NaN or an infinity, once there, stays: the new tensor is the old one plus, minus or times
 * something that cannot undo it. Such a tensor need not be looked at after every step; at the end of a call is enough.
 * @param graph a recorded step, with inputs and outputs `state/...`
 */
export function stickyStates(graph: Graph): ReadonlySet<string> {
  const sticky = new Set<string>()
  for (const [name, id] of Object.entries(graph.outputs)) {
    if (name.startsWith('state/') && carries(graph, id, name)) sticky.add(name.slice('state/'.length))
  }
  return sticky
}

/** True when a non-finite element of the named input makes the same element of the node non-finite. */
function carries(graph: Graph, id: number, input: string): boolean {
  const { op, inputs, attrs } = graph.nodes[id]
  if (op === 'input') return attrs.name === input
  const from = (i: number): boolean => carries(graph, inputs[i], input)
  // What is added can only be finite, which keeps it, or non-finite, which gives a non-finite sum too.
  if (op === 'add') return from(0) || from(1)
  if (op === 'sub') return from(0) || from(1)
  if (op === 'neg') return from(0)
  if (op === 'mul')
    return (isNonZero(graph, inputs[0]) && from(1)) || (isNonZero(graph, inputs[1]) && from(0))
  return false
}

function isNonZero(graph: Graph, id: number): boolean {
  const value = splatOf(graph.nodes[id])
  return value !== null && value !== 0
}
