import { invariant } from '../../base/errors.ts'
import {
  floats,
  type HostTensor,
  type HostTensors,
  sizeOf,
  type TensorSpec,
  type TensorSpecs
} from '../../base/tensors.ts'
import { type Graph, GraphBuilder, type Node } from '../graph.ts'

/** Where a state tensor lies in a pack. */
export interface Place {
  readonly pack: string
  readonly begin: number
  readonly spec: TensorSpec
}

/** State tensors that a step joins anyway, kept joined from step to step. */
export interface PackedState {
  readonly graph: Graph
  /** The packs, and the tensors in none of them. */
  readonly state: TensorSpecs
  readonly places: Readonly<Record<string, Place>>
}

const stateStart = 'state/'

/** The name of the state tensor that a node reads, whatever its shape became; null for anything else. */
function stateOf(graph: Graph, id: number): string | null {
  const { op, inputs, attrs, dtype } = graph.nodes[id]
  if (op === 'reshape') return stateOf(graph, inputs[0])
  const name = attrs.name ?? ''
  return op === 'input' && dtype === 'float32' && name.startsWith(stateStart) ? name.slice(6) : null
}

/** Lists of state tensors that are laid end to end; each tensor in one list at most. */
function findPacks(graph: Graph): string[][] {
  const taken = new Set<string>()
  const packs: string[][] = []
  for (const { op, inputs, shape } of graph.nodes) {
    if (op !== 'concat' || shape.length !== 1) continue
    const names = inputs.map(id => stateOf(graph, id))
    const free = names.filter(name => name !== null && !taken.has(name)) as string[]
    if (free.length < names.length || new Set(free).size < names.length) continue
    free.forEach(name => taken.add(name))
    packs.push(free)
  }
  return packs
}

/**
 * Keeps state tensors that are joined at every step in one vector each, `packed/0` ..., instead of joining and separating
 * them again and again. Simplify the result: only then do the pieces fall together.
 * @param state of the program; its step reads and returns the tensors under `state/...`
 */
export function packState(graph: Graph, state: TensorSpecs): PackedState {
  const packs = findPacks(graph)
  const places = Object.fromEntries(packs.flatMap((names, i) => placesIn(`packed/${i}`, names, state)))
  const sizes = packs.map(names => names.reduce((total, name) => total + sizeOf(state[name].shape), 0))
  const specs: TensorSpecs = {
    ...Object.fromEntries(Object.entries(state).filter(([name]) => !(name in places))),
    ...Object.fromEntries(sizes.map((size, i) => [`packed/${i}`, floats([size])]))
  }
  return { graph: rebuilt(graph, packs, places, specs), state: specs, places }
}

function placesIn(pack: string, names: readonly string[], state: TensorSpecs): [string, Place][] {
  let begin = 0
  return names.map(name => {
    const spec = state[name]
    const place = { pack, begin, spec }
    begin += sizeOf(spec.shape)
    return [name, place]
  })
}

function rebuilt(
  graph: Graph,
  packs: readonly (readonly string[])[],
  places: Readonly<Record<string, Place>>,
  specs: TensorSpecs
): Graph {
  const builder = new GraphBuilder()
  const sources = packs.map((_names, i) => builder.input(`${stateStart}packed/${i}`, specs[`packed/${i}`]))
  const sourceOf = (pack: string): number => sources[Number(pack.slice('packed/'.length))]
  const ids: number[] = []
  for (const node of graph.nodes) {
    const place = node.op === 'input' ? places[stateName(node)] : undefined
    ids.push(
      place
        ? partOf(builder, sourceOf(place.pack), place)
        : builder.copy(
            node,
            node.inputs.map(id => ids[id])
          )
    )
  }
  const outputs = Object.entries(graph.outputs).filter(([name]) => !(name.slice(stateStart.length) in places))
  const joined = packs.map((names, i) => {
    const flat = names.map(name =>
      builder.add('reshape', [ids[graph.outputs[stateStart + name]]], {
        shape: [sizeOf(places[name].spec.shape)]
      })
    )
    return [`${stateStart}packed/${i}`, builder.add('concat', flat, { axis: 0 })] as const
  })
  return {
    nodes: builder.nodes,
    outputs: {
      ...Object.fromEntries(outputs.map(([name, id]) => [name, ids[id]])),
      ...Object.fromEntries(joined)
    }
  }
}

const stateName = ({ attrs }: Node): string => {
  const name = attrs.name ?? ''
  return name.startsWith(stateStart) ? name.slice(stateStart.length) : ''
}

function partOf(builder: GraphBuilder, pack: number, { begin, spec }: Place): number {
  const part = builder.add('slice', [pack], { begin: [begin], size: [sizeOf(spec.shape)] })
  return builder.add('reshape', [part], { shape: spec.shape })
}

/** A program's state as its packed graph wants it. */
export function pack({ state, places }: PackedState, tensors: HostTensors): HostTensors {
  const packed = Object.entries(state).map(([name, { shape, dtype }]): [string, HostTensor] => {
    return [name, tensors[name] ?? { shape, dtype, data: new Float32Array(sizeOf(shape)) }]
  })
  const result = Object.fromEntries(packed)
  for (const [name, { pack, begin }] of Object.entries(places)) {
    invariant(tensors[name], `the state lacks '${name}'`)
    result[pack].data.set(tensors[name].data, begin)
  }
  return result
}

/** The inverse of `pack`, in the order of the program's state. */
export function unpack({ places }: PackedState, names: readonly string[], packed: HostTensors): HostTensors {
  const tensor = (name: string): HostTensor => {
    const place = places[name] as Place | undefined
    if (!place) return packed[name]
    const { begin, spec } = place
    const data = packed[place.pack].data.slice(begin, begin + sizeOf(spec.shape))
    return { ...spec, data }
  }
  return Object.fromEntries(names.map(name => [name, tensor(name)]))
}
