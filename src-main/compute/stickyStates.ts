import { sizeOf } from '../base/tensors.ts'
import { type Graph, splatOf } from './graph.ts'

/**
 * Names of the state tensors in which a NaN or an infinity, once there, stays: the new tensor is the old one plus, minus or times
 * something that cannot undo it. Such a tensor need not be looked at after every step; at the end of a call is enough.
 * @param graph a recorded step, with inputs and outputs `state/...`
 */
export function stickyStates(graph: Graph): ReadonlySet<string> {
  const sticky = new Set<string>()
  for (const [name, id] of Object.entries(graph.outputs)) {
    if (!name.startsWith('state/')) continue
    const { shape } = graph.nodes[id]
    // The elements of a plain program's tensor lie end to end; a stacked program's are so within each lane.
    const sticks = [1, shape[0] ?? 1].some(lanes =>
      carries(graph, id, name, { lanes, begin: 0, size: sizeOf(shape) / lanes })
    )
    if (sticks) sticky.add(name.slice('state/'.length))
  }
  return sticky
}

/** Elements begin ... begin + size of each lane. */
interface Range {
  readonly lanes: number
  readonly begin: number
  readonly size: number
}

/** True when a non-finite element of the named input makes the element of the node's range at the same place non-finite. */
function carries(graph: Graph, id: number, input: string, range: Range): boolean {
  const { op, inputs, attrs, shape } = graph.nodes[id]
  const whole = sizeOf(shape) / range.lanes
  if (op === 'input') return attrs.name === input && range.begin === 0 && range.size === whole
  const sameSize = (i: number): boolean => sizeOf(graph.nodes[inputs[i]].shape) / range.lanes === whole
  const from = (i: number): boolean => sameSize(i) && carries(graph, inputs[i], input, range)
  // What is added can only be finite, which keeps it, or non-finite, which gives a non-finite sum too.
  if (op === 'add') return from(0) || from(1)
  if (op === 'sub') return from(0) || from(1)
  if (op === 'neg') return from(0)
  if (op === 'mul')
    return (isNonZero(graph, inputs[0]) && from(1)) || (isNonZero(graph, inputs[1]) && from(0))
  if (op === 'reshape') return range.lanes === 1 || keepsLanes(graph, id, range.lanes) ? from(0) : false
  return joins(graph, id, input, range)
}

const keepsLanes = (graph: Graph, id: number, lanes: number): boolean =>
  graph.nodes[id].shape[0] === lanes && graph.nodes[graph.nodes[id].inputs[0]].shape[0] === lanes

/** Looks through vectors that are laid end to end, and through parts of them. */
function joins(graph: Graph, id: number, input: string, range: Range): boolean {
  const { op, inputs, attrs, shape } = graph.nodes[id]
  const axis = shape.length - 1
  const vectors = axis === 0 ? range.lanes === 1 : axis === 1 && shape[0] === range.lanes
  if (!vectors) return false
  if (op === 'slice') {
    const fullLanes = axis === 0 || graph.nodes[inputs[0]].shape[0] === range.lanes
    const begin = range.begin + (attrs.begin?.[axis] ?? 0)
    return fullLanes && carries(graph, inputs[0], input, { ...range, begin })
  }
  if (op !== 'concat' || attrs.axis !== axis) return false
  let start = 0
  for (const operand of inputs) {
    const length = graph.nodes[operand].shape[axis]
    const begin = range.begin - start
    if (begin >= 0 && begin + range.size <= length) return carries(graph, operand, input, { ...range, begin })
    start += length
  }
  return false
}

function isNonZero(graph: Graph, id: number): boolean {
  const value = splatOf(graph.nodes[id])
  return value !== null && value !== 0
}
