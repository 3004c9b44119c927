import { type Graph, type Node, rewrite } from '../graph.ts'

/** Computes equal expressions once: same op, settings and inputs; constants of equal bits are one. */
export function shareCommon(graph: Graph): Graph {
  const known = new Map<string, number>()
  return rewrite(graph, (node, inputs, builder) => {
    if (node.op === 'input') return null
    const key = keyOf(node, inputs)
    const id = known.get(key) ?? builder.copy(node, inputs)
    known.set(key, id)
    return id
  })
}

function keyOf({ op, attrs, shape, dtype, data }: Node, inputs: readonly number[]): string {
  const bytes = data ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') : ''
  return [op, dtype, shape.join(','), inputs.join(','), JSON.stringify(attrs, exact), bytes].join('|')
}

/** JSON knows neither infinities nor -0. */
const exact = (_key: string, value: unknown): unknown =>
  typeof value !== 'number' ? value : Object.is(value, -0) ? '-0' : String(value)
