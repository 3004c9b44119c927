import { expect, test } from 'vitest'
import type { NumericArray } from '../../../../src-main/base/tensors.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { stackGraph } from '../../../../src-main/compute/stacked/stackGraph.ts'
import { trace } from '../../../../src-main/compute/trace.ts'
import * as tf from '@tensorflow/tfjs-core'
import { inputsOf, type OpCase, opCases } from '../opCases.ts'

const lanes = 3

/** The op's value, and its gradient where it has one. */
function graphOf(op: OpCase) {
  const specs = op.shapes.map((shape, i) => [`x${i}`, { shape, dtype: 'float32' as const }] as const)
  return trace(Object.fromEntries(specs), inputs => {
    const xs = Object.values(inputs)
    const value = op.fn(...xs)
    if (op.gradient === false) return { value }
    const gradients = tf.grads((...ys: tf.Tensor[]) => tf.sum(tf.square(op.fn(...ys))))(xs)
    return { value, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])) }
  })
}

/** Inputs of each lane: the op's own, moved along so that lanes differ. */
const inputsOfLane = (op: OpCase, lane: number): Float32Array[] =>
  inputsOf(op).map(x => x.map((_value, i) => x[(i + lane) % x.length]))

function joined(parts: readonly NumericArray[]): Float32Array {
  return Float32Array.from(parts.flatMap(part => [...part]))
}

test.each(
  opCases.flatMap(op => op.shapes.map((_, shared) => [`${op.name}, input ${shared}`, op, shared] as const))
)('lanes of %s differ: each result is that of its lane', (_name, op, differing) => {
  const graph = graphOf(op)
  const own = Array.from({ length: lanes }, (_, lane) => inputsOfLane(op, lane))
  // One input differs between lanes; the others are those of lane 0 for all.
  const inputsIn = (lane: number) =>
    Object.fromEntries(op.shapes.map((_, i) => [`x${i}`, own[i === differing ? lane : 0][i]]))
  const stacked = stackGraph(graph, lanes, (builder, name) => {
    const perLane = name === `x${differing}`
    const shape = op.shapes[Number(name.slice(1))]
    return {
      id: builder.input(name, { shape: perLane ? [lanes, ...shape] : shape, dtype: 'float32' }),
      perLane
    }
  })
  const all = interpret(stacked, {
    ...inputsIn(0),
    [`x${differing}`]: joined(own.map(inputs => inputs[differing]))
  })
  const expected = Array.from({ length: lanes }, (_, lane) => interpret(graph, inputsIn(lane)))
  for (const name of Object.keys(graph.outputs)) {
    const wanted = joined(expected.map(results => results[name]))
    expect([...all[name]], name).toEqual([...wanted])
  }
})

test('rows and positions that both differ between lanes are taken lane by lane', () => {
  const shapes = [[2, 5], [4]] as const
  const specs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape, dtype: 'float32' as const }]))
  const graph = trace(specs, ({ x0, x1 }) => {
    const indices = tf.cast(x1, 'int32')
    return {
      columns: tf.gather(x0, indices, 1),
      sums: tf.unsortedSegmentSum(tf.slice(tf.transpose(x0), [0, 0], [4, 2]), indices as tf.Tensor1D, 3)
    }
  })
  const rows = Array.from({ length: lanes }, (_, lane) =>
    Float32Array.from({ length: 10 }, (_, i) => i + 100 * lane)
  )
  // 4 is a column, but none of the three slots.
  const positions = [Float32Array.of(4, 0, 0, 2), Float32Array.of(1, 1, 3, 0), Float32Array.of(2, 4, 1, 0)]
  const stacked = stackGraph(graph, lanes, (builder, name) => {
    const shape = shapes[Number(name.slice(1))]
    return { id: builder.input(name, { shape: [lanes, ...shape], dtype: 'float32' }), perLane: true }
  })
  const all = interpret(stacked, { x0: joined(rows), x1: joined(positions) })
  const expected = rows.map((x0, lane) => interpret(graph, { x0, x1: positions[lane] }))
  for (const name of ['columns', 'sums'])
    expect([...all[name]]).toEqual([...joined(expected.map(results => results[name]))])
})
