import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { removeDeadCode } from '../../../../src-main/compute/passes/deadCode.ts'
import { shareCommon } from '../../../../src-main/compute/passes/shareCommon.ts'
import { trace } from '../../../../src-main/compute/trace.ts'
import { record, shapes, values } from './recorded.ts'

test('dead code goes, what an output needs stays', () => {
  const graph = record(({ x, y }) => {
    tf.exp(y)
    return tf.neg(x)
  })
  expect(removeDeadCode(graph).nodes.map(node => node.op)).toEqual(['input', 'neg'])
})

test('dead code keeps results that are inputs, and two names of one value', () => {
  const graph = trace(shapes, ({ x, y }) => ({ same: x, first: tf.neg(y), second: tf.neg(y) }))
  const shared = removeDeadCode(shareCommon(graph))
  expect(shared.nodes).toHaveLength(3)
  expect(interpret(shared, values)).toEqual(interpret(graph, values))
})
