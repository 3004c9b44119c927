import { invariant } from '../base/errors.ts'
import { type Graph, type Node, formatSpec } from './graph.ts'
import type { Attrs } from './ops.ts'

/** Stands for a length that varies from call to call. */
export const varying = -1
/** The size of a slice that takes everything to the end. */
const toTheEnd = Infinity

/**
 * One graph for any number of rows, from the same function recorded for two numbers of rows: what differs between the two is
 * what follows the rows. Shapes get -1 there.
 * @throws Error naming a node that depends on the number of rows in a way that no single graph can express
 */
export function generalizeRows(one: Graph, other: Graph): Graph {
  invariant(
    one.nodes.length === other.nodes.length,
    'the function does other things for other numbers of rows'
  )
  const nodes = one.nodes.map((node, id) => generalizeNode(node, other.nodes[id], id))
  return { nodes, outputs: one.outputs }
}

function generalizeNode(one: Node, other: Node, id: number): Node {
  const where = `node ${id}, ${one.op} to ${formatSpec(one)},`
  const alike = one.op === other.op && one.inputs.every((input, i) => input === other.inputs[i])
  invariant(alike, `${where} depends on the number of rows`)
  const shape = common(one.shape, other.shape)
  const fixed = one.op !== 'constant' || (shape.every(size => size !== varying) && sameData(one, other))
  invariant(fixed, `${where} holds other values for other numbers of rows`)
  return { ...one, shape, attrs: generalizeAttrs(one.attrs, other.attrs, where) }
}

const common = (one: readonly number[], other: readonly number[]): readonly number[] =>
  one.map((size, axis) => (size === other[axis] ? size : varying))

function generalizeAttrs(one: Attrs, other: Attrs, where: string): Attrs {
  const changed = Object.keys(one).filter(key => !equal(one[key as keyof Attrs], other[key as keyof Attrs]))
  const attrs: { -readonly [K in keyof Attrs]: Attrs[K] } = { ...one }
  for (const key of changed) {
    invariant(key === 'shape' || key === 'size', `${where} has ${key} depend on the number of rows`)
    const values = common(one[key] ?? [], other[key] ?? [])
    attrs[key] = key === 'size' ? values.map(size => (size === varying ? toTheEnd : size)) : values
  }
  const free = (attrs.shape ?? []).filter(size => size === varying)
  invariant(free.length <= 1, `${where} has more than one length that follows the rows`)
  return attrs
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const sameData = (one: Node, other: Node): boolean =>
  one.data?.length === other.data?.length &&
  (one.data ?? []).every((value, i) => Object.is(value, other.data?.[i]))
