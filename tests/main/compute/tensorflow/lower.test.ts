import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { floats } from '../../../../src-main/base/tensors.ts'
import type { Graph } from '../../../../src-main/compute/graph.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import { removeDeadCode } from '../../../../src-main/compute/passes/deadCode.ts'
import { lowerGraph } from '../../../../src-main/compute/tensorflow/lower.ts'
import { FunctionWriter } from '../../../../src-main/compute/tensorflow/writer.ts'
import { trace } from '../../../../src-main/compute/trace.ts'

const specs = { x: floats([4, 3]), dy: floats([4, 3]), row: floats([3]) }

const record = (fn: (inputs: Tensors) => tf.Tensor): Graph =>
  removeDeadCode(optimize(trace(specs, inputs => ({ y: fn(inputs) }))))

/** The operations that a graph becomes, without constants. */
function opsOf(graph: Graph): string[] {
  const writer = new FunctionWriter()
  const names = Object.keys(specs)
  for (const name of names) writer.input(name, 'float32')
  const { y } = lowerGraph(graph, writer, Object.fromEntries(names.map(name => [name, name])))
  const { nodes } = writer.finish('f', [{ type: 'float32', from: y }])
  return nodes.map(({ op }) => op).filter(op => op !== 'Const')
}

test('a gradient is masked by a relu in one operation', () => {
  const ops = opsOf(record(({ x, dy }) => tf.sub(tf.relu(x), tf.grad(x => tf.relu(x))(x, dy))))
  expect(ops).toContain('ReluGrad')
  expect(ops).not.toContain('Mul')
})

test('a mask of anything but a relu, or of another shape, is multiplied as it stands', () => {
  expect(opsOf(record(({ x, dy }) => tf.mul(dy, tf.step(x))))).toEqual(['Greater', 'Cast', 'Mul'])
  expect(opsOf(record(({ x, row }) => tf.mul(row, tf.step(tf.relu(x)))))).not.toContain('ReluGrad')
  expect(opsOf(record(({ x, dy }) => tf.mul(dy, tf.step(tf.relu(x), 0.5))))).not.toContain('ReluGrad')
})
