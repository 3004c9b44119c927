import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import type { Graph } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { takeMasksFromRelus } from '../../../../src-main/compute/passes/reluMasks.ts'
import { edges, type Recorded, record, values } from './recorded.ts'

/** What each mask is taken from. */
const sources = ({ nodes }: Graph): string[] =>
  nodes.flatMap(({ op, inputs }) => (op === 'step' ? [nodes[inputs[0]].op] : []))

const gradient = ({ x }: Tensors): tf.Tensor => tf.grad(x => tf.relu(x))(x)

test.each([
  ['of its gradient', gradient],
  ['of any of several', ({ x }: Tensors) => tf.add(gradient({ x: tf.neg(x) }), gradient({ x: tf.square(x) }))]
] as const)('the mask of a relu comes from its result: %s', (_name, fn) => {
  const graph = record(fn)
  const rewritten = takeMasksFromRelus(graph)
  expect(new Set(sources(rewritten))).toEqual(new Set(['relu']))
  for (const x of [values.x, edges])
    expect(interpret(rewritten, { x, y: values.y })).toEqual(interpret(graph, { x, y: values.y }))
})

const stays: readonly (readonly [string, Recorded])[] = [
  ['a mask of what no relu takes', ({ x }) => tf.add(tf.step(tf.neg(x)), tf.relu(x))],
  [
    'a mask with a slope',
    ({ x }) => {
      const negative = tf.neg(x)
      return tf.add(tf.relu(negative), tf.step(negative, 0.5))
    }
  ]
]
test.each(stays)('%s stays', (_name, fn) => {
  const graph = record(fn)
  const rewritten = takeMasksFromRelus(graph)
  expect(sources(rewritten)).toEqual(['neg'])
  expect(interpret(rewritten, { x: edges, y: values.y })).toEqual(interpret(graph, { x: edges, y: values.y }))
})
