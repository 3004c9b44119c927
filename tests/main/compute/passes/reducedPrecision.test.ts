import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats } from '../../../../src-main/base/tensors.ts'
import type { Graph } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { multiplyInBfloat16 } from '../../../../src-main/compute/passes/reducedPrecision.ts'
import { trace } from '../../../../src-main/compute/trace.ts'

/** A product of these stored shapes. */
const product = (a: number[], b: number[], transposeA = false, transposeB = false): Graph =>
  trace({ a: floats(a), b: floats(b) }, inputs => ({
    y: tf.matMul(inputs.a, inputs.b, transposeA, transposeB)
  }))
const isReduced = (graph: Graph): boolean =>
  multiplyInBfloat16(graph).nodes.some(({ attrs }) => attrs.precision === 'bfloat16')

test.each([
  ['three sides of 64', product([64, 64], [64, 64]), true],
  ['rows of 63', product([63, 64], [64, 64]), false],
  ['columns of 63', product([64, 64], [64, 63]), false],
  ['a sum over 63', product([64, 63], [63, 64]), false],
  ['a sum over 63, read transposed', product([63, 64], [63, 64], true), false],
  ['a sum over 64, read transposed', product([64, 96], [128, 64], true, true), true],
  ['runs side by side', product([2, 64, 64], [2, 64, 64]), true],
  ['runs side by side, narrow', product([128, 64, 8], [128, 8, 64]), false]
] as const)('products between hidden layers multiply in bfloat16: %s', (_name, graph, reduced) => {
  expect(isReduced(graph)).toBe(reduced)
})

test('operands are rounded to eight bits, sums are not', () => {
  const graph = multiplyInBfloat16(product([64, 64], [64, 64]))
  const a = new Float32Array(64 * 64)
  a[0] = 1 + 2 ** -9 // between two numbers of 8 bits; 1 is the nearest
  a[1] = 1 + 2 ** -7 // one of 8 bits
  a[2] = 2 ** -20
  const ones = new Float32Array(64 * 64).fill(1)
  expect(interpret(graph, { a, b: ones }).y[0]).toBe(2 + 2 ** -7 + 2 ** -20)
})

test('transposition and everything else stay as they were', () => {
  const graph = product([64, 64], [64, 64], true, false)
  const [, , node] = multiplyInBfloat16(graph).nodes
  expect(node).toEqual({ ...graph.nodes[2], attrs: { ...graph.nodes[2].attrs, precision: 'bfloat16' } })
})
