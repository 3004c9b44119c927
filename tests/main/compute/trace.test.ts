import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { useBackend } from '../../../src-main/compute/eager/backend.ts'
import { formatGraph } from '../../../src-main/compute/graph.ts'
import { interpret } from '../../../src-main/compute/interpret.ts'
import { trace, traceFunction, traceProgram } from '../../../src-main/compute/trace.ts'
import { normals, regression } from './programs.ts'

const x = { shape: [2, 3], dtype: 'float32' } as const

test('a graph prints one node a line, in order', () => {
  const graph = trace({ x }, ({ x }) => ({ y: tf.sum(tf.mul(x, 2), 1) }))
  expect(formatGraph(graph)).toBe(
    [
      '0 input() float32 [2, 3] name="x"',
      '1 constant() float32 [] = 2',
      '2 mul(0, 1) float32 [2, 3]',
      '3 sum(2) float32 [2] axes=[1] keepDims=false',
      'y <- 3'
    ].join('\n')
  )
})

test('the backend in use before is in use after, also when the function throws', () => {
  useBackend('cpu')
  trace({ x }, ({ x }) => ({ x }))
  expect(tf.getBackend()).toBe('cpu')
  const failing = (): never => {
    throw new Error('no luck')
  }
  expect(() => trace({ x }, failing)).toThrow('no luck')
  expect(() => trace({ x }, ({ x }) => ({ y: tf.grad(failing)(x) }))).toThrow('no luck')
  expect(tf.getBackend()).toBe('cpu')
  expect([...tf.add(1, tf.tensor1d([1, 2])).dataSync()]).toEqual([2, 3])
})

test('a failed trace leaves nothing behind in the next', () => {
  expect(() => trace({ x }, () => ({ y: tf.topk(tf.scalar(1)).values }))).toThrow()
  expect(trace({ x }, ({ x }) => ({ y: tf.neg(x) })).nodes).toHaveLength(2)
})

test('reading values while recording is refused with the reason', () => {
  expect(() => trace({ x }, ({ x }) => ({ y: tf.scalar(x.dataSync()[0]) }))).toThrow(/must not read/)
})

test('an op without a kernel here is refused by name', () => {
  expect(() => trace({ x }, ({ x }) => ({ y: tf.topk(x, 1).values }))).toThrow(/TopK/)
})

test('operands that do not fit are refused by the name of the op and their shapes', () => {
  const y = { shape: [2, 2], dtype: 'float32' } as const
  expect(() => trace({ x, y }, ({ x, y }) => ({ z: tf.add(x, y) }))).toThrow(
    /add of float32 \[2, 3\], float32 \[2, 2\]/
  )
})

test('tensors made before the trace become constants, once', () => {
  useBackend('cpu')
  const table = tf.tensor2d([[1, 2, 3]])
  const graph = trace({ x }, ({ x }) => ({ y: tf.add(tf.mul(x, table), table) }))
  expect(graph.nodes.filter(node => node.op === 'constant')).toHaveLength(1)
  expect([...interpret(graph, { x: Float32Array.of(1, 1, 1, 2, 2, 2) }).y]).toEqual([2, 4, 6, 3, 6, 9])
})

test('the gradient of abs keeps its sign', () => {
  const graph = trace({ x }, ({ x }) => ({ y: tf.grad(x => tf.abs(x))(x) }))
  const data = normals([2, 3], 'abs')
  expect([...interpret(graph, { x: data }).y]).toEqual([...data].map(Math.sign))
})

test('recording makes no tensors that stay', () => {
  const before = tf.memory().numTensors
  traceProgram(regression)
  expect(tf.memory().numTensors).toBe(before)
})

test('a step that forgets a result or changes a shape is refused, naming it', () => {
  const broken = (state: Record<string, tf.Tensor>): typeof regression => ({
    ...regression,
    step: () => ({ state, metrics: {} })
  })
  expect(() => traceProgram(broken({}))).toThrow(/regression returns no 'state\/weights'/)
  expect(() =>
    traceProgram({
      ...regression,
      step: state => ({ state: { ...state, step: state.weights }, metrics: {} })
    })
  ).toThrow(/'state\/step' as float32 \[3, 1\], expected float32 \[\]/)
})

test('a function that forgets an output is refused', () => {
  const fn = { id: 'f', params: {}, inputs: { x }, outputs: ['y'], fn: () => ({}) }
  expect(() => traceFunction(fn)).toThrow(/f returns no 'y'/)
})
