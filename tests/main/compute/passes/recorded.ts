/** Small recorded graphs to try a pass on. */
import type * as tf from '@tensorflow/tfjs-core'
import { expect } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import type { Graph } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { removeDeadCode } from '../../../../src-main/compute/passes/deadCode.ts'
import { trace } from '../../../../src-main/compute/trace.ts'
import { normals } from '../programs.ts'

export const shapes = {
  x: { shape: [4, 3], dtype: 'float32' },
  y: { shape: [4, 3], dtype: 'float32' }
} as const
export const values = { x: normals([4, 3], 'x'), y: normals([4, 3], 'y') }
/** Numbers that rewrites get wrong most easily. */
export const edges = Float32Array.of(
  0,
  -0,
  1e-45,
  -1e-45,
  1.2e-38,
  1,
  -1,
  3.4e38,
  Infinity,
  -Infinity,
  NaN,
  7
)

export type Recorded = (inputs: Tensors) => tf.Tensor

export const record = (fn: Recorded): Graph => trace(shapes, inputs => ({ result: fn(inputs) }))

/** Ops that the results need, without inputs and constants. */
export const opsOf = (graph: Graph): string[] =>
  removeDeadCode(graph)
    .nodes.map(node => node.op)
    .filter(op => op !== 'input' && op !== 'constant')

/**
 * Expects these ops after a pass, and the same bits from usual and from extreme numbers.
 * @param zeros `unsigned` where a rewrite is known to keep a -0 that the operation would turn into 0
 */
export function expectRewritten(
  pass: (graph: Graph) => Graph,
  fn: Recorded,
  ops: readonly string[],
  zeros: 'signed' | 'unsigned' = 'signed'
): void {
  const graph = record(fn)
  const rewritten = pass(graph)
  expect(opsOf(rewritten)).toEqual(ops)
  for (const inputs of [values, { x: edges, y: edges.toReversed() }]) {
    const [actual, expected] = [rewritten, graph].map(each => interpret(each, inputs).result)
    if (zeros === 'signed') expect(actual).toEqual(expected)
    else expect(actual.map(unsigned)).toEqual(expected.map(unsigned))
  }
}

const unsigned = (value: number): number => (value === 0 ? 0 : value)
