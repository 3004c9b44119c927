import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { type Graph, GraphBuilder } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { removeDeadCode } from '../../../../src-main/compute/passes/deadCode.ts'
import { foldConstants } from '../../../../src-main/compute/passes/foldConstants.ts'
import { removeIdentities } from '../../../../src-main/compute/passes/identities.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import { takeMasksFromRelus } from '../../../../src-main/compute/passes/reluMasks.ts'
import { shareCommon } from '../../../../src-main/compute/passes/shareCommon.ts'
import { shrinkOperands } from '../../../../src-main/compute/passes/shrinkOperands.ts'
import { trace, traceProgram } from '../../../../src-main/compute/trace.ts'
import { normals, regression } from '../programs.ts'

const shapes = { x: { shape: [4, 3], dtype: 'float32' }, y: { shape: [4, 3], dtype: 'float32' } } as const
const values = { x: normals([4, 3], 'x'), y: normals([4, 3], 'y') }

const record = (fn: (inputs: Tensors) => tf.Tensor): Graph =>
  trace(shapes, inputs => ({ result: fn(inputs) }))
/** Ops that the results need, without inputs and constants. */
const opsOf = (graph: Graph): string[] =>
  removeDeadCode(graph)
    .nodes.map(node => node.op)
    .filter(op => op !== 'input' && op !== 'constant')

function expectRewritten(
  pass: (graph: Graph) => Graph,
  fn: (inputs: Tensors) => tf.Tensor,
  ops: readonly string[]
): void {
  const graph = record(fn)
  const rewritten = pass(graph)
  expect(opsOf(rewritten)).toEqual(ops)
  expect(interpret(rewritten, values)).toEqual(interpret(graph, values))
}

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

test.each([
  ['a scalar expression', ({ x }: Tensors) => tf.mul(x, tf.sub(1, tf.exp(tf.scalar(0.5)))), ['mul']],
  ['an equal number everywhere', ({ x }: Tensors) => tf.mul(x, tf.div(tf.ones([4, 3]), 4)), ['mul']],
  ['different numbers', ({ x }: Tensors) => tf.mul(x, tf.square(tf.tensor1d([1, 2, 3]))), ['mul']],
  ['a shape change', ({ x }: Tensors) => tf.mul(x, tf.reshape(tf.tensor1d([1, 2, 3, 4]), [4, 1])), ['mul']]
] as const)('constants fold: %s', (_name, fn, ops) => expectRewritten(foldConstants, fn, ops))

test('what depends on an input does not fold', () => {
  expectRewritten(foldConstants, ({ x }) => tf.exp(tf.mul(x, 0)), ['mul', 'exp'])
})

test.each([
  ['times 1', ({ x }: Tensors) => tf.mul(x, 1), []],
  [
    'times ones of a larger shape',
    ({ x }: Tensors) => tf.mul(tf.sum(x, 0), tf.ones([4, 3])),
    ['sum', 'broadcast']
  ],
  ['divided by 1', ({ x }: Tensors) => tf.div(x, 1), []],
  ['plus 0', ({ x }: Tensors) => tf.add(0, x), []],
  ['minus 0', ({ x }: Tensors) => tf.sub(x, 0), []],
  ['0 minus', ({ x }: Tensors) => tf.sub(0, x), ['sub']],
  ['1 divided by', ({ x }: Tensors) => tf.div(1, x), ['div']],
  ['times 0', ({ x }: Tensors) => tf.mul(x, 0), ['mul']],
  ['negated twice', ({ x }: Tensors) => tf.neg(tf.neg(x)), []],
  ['plus a negative', ({ x, y }: Tensors) => tf.add(x, tf.neg(y)), ['sub']],
  ['minus a negative', ({ x, y }: Tensors) => tf.sub(x, tf.neg(y)), ['add']],
  ['reshaped there and back', ({ x }: Tensors) => tf.reshape(tf.reshape(x, [12]), [4, 3]), []],
  ['transposed there and back', ({ x }: Tensors) => tf.transpose(tf.transpose(x)), []],
  ['a sum over an axis of 1', ({ x }: Tensors) => tf.sum(tf.reshape(x, [4, 1, 3]), 1), []],
  ['a slice of everything', ({ x }: Tensors) => tf.slice(x, [0, 0], [4, 3]), []]
] as const)('identities: %s', (_name, fn, ops) => {
  expectRewritten(graph => removeIdentities(removeIdentities(removeIdentities(graph))), fn, ops)
})

test('equal expressions are computed once, different settings are not equal', () => {
  expectRewritten(shareCommon, ({ x }) => tf.add(tf.square(x), tf.square(x)), ['square', 'add'])
  expectRewritten(shareCommon, ({ x }) => tf.add(tf.clipByValue(x, 0, 1), tf.clipByValue(x, 0, 2)), [
    'clip',
    'clip',
    'add'
  ])
  expectRewritten(
    shareCommon,
    ({ x }) => tf.add(tf.clipByValue(x, -1, Infinity), tf.clipByValue(x, -Infinity, 1)),
    ['clip', 'clip', 'add']
  )
})

test('constants of equal numbers in other types or shapes stay apart', () => {
  const builder = new GraphBuilder()
  const ids = [
    builder.fill(1, { shape: [2], dtype: 'float32' }),
    builder.fill(1, { shape: [2], dtype: 'int32' }),
    builder.fill(1, { shape: [3], dtype: 'float32' }),
    builder.fill(1, { shape: [2], dtype: 'float32' })
  ]
  const outputs = Object.fromEntries(ids.map((id, i) => [String(i), id]))
  expect(removeDeadCode(shareCommon({ nodes: builder.nodes, outputs })).nodes).toHaveLength(3)
})

test('operands shrink to what they repeat', () => {
  const graph = record(({ x, y }) =>
    tf.mul(tf.broadcastTo(tf.sum(x, 0, true), [4, 3]), tf.add(y, tf.fill([4, 3], 2)))
  )
  const shrunk = shrinkOperands(graph)
  expect(shrunk.nodes.some(node => node.op === 'constant' && node.shape.length === 0)).toBe(true)
  expect(interpret(shrunk, values)).toEqual(interpret(graph, values))
})

test('the mask of a relu comes from its result', () => {
  const graph = record(({ x }) => tf.grad(x => tf.relu(x))(x))
  const rewritten = takeMasksFromRelus(graph)
  const step = rewritten.nodes.find(node => node.op === 'step')
  expect(rewritten.nodes[step!.inputs[0]].op).toBe('relu')
  expect(interpret(rewritten, values)).toEqual(interpret(graph, values))
})

test('all passes together keep the bits of a training step', () => {
  const graph = traceProgram(regression)
  const optimized = optimize(graph)
  const inputs = {
    'state/weights': normals([3, 1], 'weights'),
    'state/step': Float32Array.of(4),
    'batch/inputs': normals([4, 3], 'inputs'),
    'batch/targets': normals([4, 1], 'targets'),
    'noise/jitter': normals([4, 3], 'jitter')
  }
  expect(optimized.nodes.length).toBeLessThan(graph.nodes.length)
  expect(interpret(optimized, inputs)).toEqual(interpret(graph, inputs))
})
