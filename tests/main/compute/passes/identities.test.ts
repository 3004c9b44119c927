import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { type Graph, GraphBuilder } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import type { Attrs, Op } from '../../../../src-main/compute/ops.ts'
import { removeIdentities } from '../../../../src-main/compute/passes/identities.ts'
import { edges, expectRewritten, opsOf, record, shapes } from './recorded.ts'

const repeatedly = (graph: Graph): Graph => removeIdentities(removeIdentities(removeIdentities(graph)))
/** Rows of x: each is [rows, 3] from the given one on. */
const rowsOf = (x: tf.Tensor, ...parts: readonly (readonly [from: number, rows: number])[]): tf.Tensor[] =>
  parts.map(([from, rows]) => tf.slice(x, [from, 0], [rows, 3]))

test.each([
  ['times 1', ({ x }: Tensors) => tf.mul(x, 1), []],
  [
    'times ones of a larger shape',
    ({ x }: Tensors) => tf.mul(tf.sum(x, 0), tf.ones([4, 3])),
    ['sum', 'broadcast']
  ],
  ['divided by 1', ({ x }: Tensors) => tf.div(x, 1), []],
  ['minus 0', ({ x }: Tensors) => tf.sub(x, 0), []],
  ['0 minus', ({ x }: Tensors) => tf.sub(0, x), ['sub']],
  ['1 divided by', ({ x }: Tensors) => tf.div(1, x), ['div']],
  ['times 0', ({ x }: Tensors) => tf.mul(x, 0), ['mul']],
  ['negated twice', ({ x }: Tensors) => tf.neg(tf.neg(x)), []],
  ['plus a negative', ({ x, y }: Tensors) => tf.add(x, tf.neg(y)), ['sub']],
  ['minus a negative', ({ x, y }: Tensors) => tf.sub(x, tf.neg(y)), ['add']],
  ['reshaped there and back', ({ x }: Tensors) => tf.reshape(tf.reshape(x, [12]), [4, 3]), []],
  ['transposed there and back', ({ x }: Tensors) => tf.transpose(tf.transpose(x)), []],
  ['transposed to where it was', ({ x }: Tensors) => tf.transpose(x, [0, 1]), []],
  [
    'transposed twice',
    ({ x }: Tensors) => tf.transpose(tf.transpose(tf.reshape(x, [2, 2, 3]), [1, 2, 0]), [0, 2, 1]),
    ['reshape', 'transpose']
  ],
  [
    'the largest along an axis of 1',
    ({ x }: Tensors) => tf.max(tf.reshape(x, [4, 3, 1]), 2, true),
    ['reshape']
  ],
  ['the smallest along an axis of 1', ({ x }: Tensors) => tf.min(tf.reshape(x, [1, 4, 3]), 0), []],
  [
    'a sum over a longer axis',
    ({ x }: Tensors) => tf.sum(tf.reshape(x, [4, 1, 3]), [0, 1]),
    ['reshape', 'sum']
  ],
  ['a slice of everything', ({ x }: Tensors) => tf.slice(x, [0, 0], [4, 3]), []]
] as const)('identities: %s', (_name, fn, ops) => expectRewritten(repeatedly, fn, ops))

// An addition to 0, also the one that a sum or a mean begins with, makes 0 of -0; nothing that is computed here looks at that sign.
test.each([
  ['plus 0', ({ x }: Tensors) => tf.add(0, x), []],
  ['a sum over an axis of 1', ({ x }: Tensors) => tf.sum(tf.reshape(x, [4, 1, 3]), 1), []],
  ['the mean of an axis of 1', ({ x }: Tensors) => tf.mean(tf.reshape(x, [4, 1, 3]), 1), []]
] as const)('identities: %s, where -0 stays -0', (_name, fn, ops) =>
  expectRewritten(repeatedly, fn, ops, 'unsigned')
)

/** One op on x, as tfjs itself would not record it. */
function built(op: Exclude<Op, 'input' | 'constant'>, attrs: Attrs): Graph {
  const builder = new GraphBuilder()
  return { outputs: { result: builder.add(op, [builder.input('x', shapes.x)], attrs) }, nodes: builder.nodes }
}

test.each([
  ['broadcast', { shape: [4, 3] }],
  ['tile', { shape: [1, 1] }],
  ['pad', { before: [0, 0], after: [0, 0] }],
  ['cast', { dtype: 'float32' }],
  ['reshape', { shape: [4, 3] }],
  ['concat', { axis: 0 }]
] as const)('%s to the same is nothing', (op, attrs) => {
  expect(opsOf(removeIdentities(built(op, attrs)))).toEqual([])
})

test.each([
  ['broadcast', { shape: [2, 4, 3] }],
  ['tile', { shape: [2, 1] }],
  ['pad', { before: [1, 0], after: [0, 0] }],
  ['cast', { dtype: 'int32' }]
] as const)('%s to something else stays', (op, attrs) => {
  expect(opsOf(removeIdentities(built(op, attrs)))).toEqual([op])
})

test.each([
  ['rows', ({ x }: Tensors) => tf.concat(rowsOf(x, [0, 1], [1, 2], [3, 1]), 0)],
  ['columns', ({ x }: Tensors) => tf.concat(tf.split(x, [1, 2], 1), 1)]
] as const)('parts that are put together again fall together: %s', (_name, fn) =>
  expectRewritten(removeIdentities, fn, [])
)

test('plus -0 is nothing, minus -0 is not: it would make 0 of -0', () => {
  for (const [op, ops] of [
    ['add', []],
    ['sub', ['sub']]
  ] as const) {
    const builder = new GraphBuilder()
    const x = builder.input('x', shapes.x)
    const result = builder.add(op, [x, builder.fill(-0, { shape: [], dtype: 'float32' })])
    const graph = { nodes: builder.nodes, outputs: { result } }
    const rewritten = removeIdentities(graph)
    expect(opsOf(rewritten)).toEqual(ops)
    expect(interpret(rewritten, { x: edges })).toEqual(interpret(graph, { x: edges }))
  }
})

const two = ['slice', 'slice', 'concat']
test.each([
  ['not in order', ({ x }: Tensors) => tf.concat(rowsOf(x, [2, 2], [0, 2]), 0), two],
  ['with a gap', ({ x }: Tensors) => tf.concat(rowsOf(x, [0, 1], [2, 2]), 0), two],
  ['with an overlap', ({ x }: Tensors) => tf.concat(rowsOf(x, [0, 3], [1, 1]), 0), two],
  ['not from the beginning', ({ x }: Tensors) => tf.concat(rowsOf(x, [1, 1], [2, 2]), 0), two],
  ['not to the end', ({ x }: Tensors) => tf.concat(rowsOf(x, [0, 1], [1, 2]), 0), two],
  ['along another axis', ({ x }: Tensors) => tf.concat(rowsOf(x, [0, 2], [2, 2]), 1), two],
  ['of two values', ({ x, y }: Tensors) => tf.concat([...rowsOf(x, [0, 2]), ...rowsOf(y, [2, 2])], 0), two],
  ['and more', ({ x }: Tensors) => tf.concat([...rowsOf(x, [0, 2], [2, 2]), x], 0), two],
  [
    'of a part of each row',
    ({ x }: Tensors) => tf.concat([tf.slice(x, [0, 1], [2, 2]), tf.slice(x, [2, 1], [2, 2])], 0),
    two
  ]
] as const)('parts put together stay as they are: %s', (_name, fn, ops) =>
  expectRewritten(removeIdentities, fn, ops)
)

test('the pass leaves what it does not know', () => {
  const graph = record(({ x, y }) => tf.exp(tf.mul(x, y)))
  expect(removeIdentities(graph)).toEqual(graph)
})
