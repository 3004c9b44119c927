import { type Graph, GraphBuilder } from '../graph.ts'
import { type LaneValue, stackNode } from './laneOps.ts'

/** How an input of one lane's graph comes into the stacked graph. */
export type StackInput = (builder: GraphBuilder, name: string) => LaneValue

/**
 * One graph that does for several lanes what the given one does for each: values that depend on a lane have the lanes as leading axis,
 * all others are computed once.
 * @param input adds what stands for an input of the graph
 * @returns outputs of the same names, all [lanes, ...shape]
 */
export function stackGraph(graph: Graph, lanes: number, input: StackInput): Graph {
  const builder = new GraphBuilder()
  const values: LaneValue[] = []
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(id => values[id])
    if (node.op === 'input') values.push(input(builder, node.attrs.name ?? ''))
    else if (inputs.some(({ perLane }) => perLane))
      values.push({ id: stackNode(builder, lanes, node, inputs), perLane: true })
    else {
      const ids = inputs.map(({ id }) => id)
      values.push({ id: builder.copy(node, ids), perLane: false })
    }
  }
  const outputs = Object.entries(graph.outputs).map(([name, id]) => {
    const { shape } = graph.nodes[id]
    const value = values[id]
    const all = value.perLane ? value.id : builder.add('broadcast', [value.id], { shape: [lanes, ...shape] })
    return [name, all]
  })
  return { nodes: builder.nodes, outputs: Object.fromEntries(outputs) as Record<string, number> }
}
