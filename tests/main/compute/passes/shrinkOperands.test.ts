import { expect, test } from 'vitest'
import { floats } from '../../../../src-main/base/tensors.ts'
import { type Graph, GraphBuilder } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { shrinkOperands } from '../../../../src-main/compute/passes/shrinkOperands.ts'
import { normals } from '../programs.ts'
import { opsOf } from './recorded.ts'

const values = { x: normals([4, 3], 'x'), row: normals([1, 3], 'row'), column: normals([4, 1], 'column') }

interface Values {
  readonly builder: GraphBuilder
  readonly x: number
  readonly row: number
  readonly column: number
  /** The row, in the shape of x. */
  readonly spread: number
  /** 2, in the shape of x. */
  readonly twos: number
}

function graphOf(build: (values: Values) => number): Graph {
  const builder = new GraphBuilder()
  const [x, row, column] = [
    builder.input('x', floats([4, 3])),
    builder.input('row', floats([1, 3])),
    builder.input('column', floats([4, 1]))
  ]
  const spread = builder.add('broadcast', [row], { shape: [4, 3] })
  const twos = builder.fill(2, floats([4, 3]))
  const result = build({ builder, x, row, column, spread, twos })
  return { nodes: builder.nodes, outputs: { result } }
}

/** The ops that are left, and the shapes of the operands of the last one; its results stay the same. */
function shrunk(build: (values: Values) => number) {
  const graph = graphOf(build)
  const rewritten = shrinkOperands(graph)
  expect(interpret(rewritten, values)).toEqual(interpret(graph, values))
  const last = rewritten.nodes[rewritten.outputs.result]
  return { ops: opsOf(rewritten), operands: last.inputs.map(id => rewritten.nodes[id].shape) }
}

test.each(['add', 'sub', 'mul', 'div', 'squaredDifference', 'greater', 'minimum'] as const)(
  'an operand of %s that was broadcast is read as it was before',
  op => {
    const right = shrunk(({ builder, x, spread }) => builder.add(op, [x, spread]))
    expect(right).toEqual({
      ops: [op],
      operands: [
        [4, 3],
        [1, 3]
      ]
    })
    const left = shrunk(({ builder, x, spread }) => builder.add(op, [spread, x]))
    expect(left).toEqual({
      ops: [op],
      operands: [
        [1, 3],
        [4, 3]
      ]
    })
  }
)

test('one number in a full shape is read as one number', () => {
  const { operands } = shrunk(({ builder, x, twos }) => builder.add('sub', [twos, x]))
  expect(operands).toEqual([[], [4, 3]])
})

test('an operand stays where nothing else has the full shape', () => {
  const broadcast = shrunk(({ builder, spread, column }) => builder.add('mul', [spread, column]))
  expect(broadcast.operands).toEqual([
    [4, 3],
    [4, 1]
  ])
  const twos = shrunk(({ builder, twos, row }) => builder.add('mul', [twos, row]))
  expect(twos.operands).toEqual([
    [4, 3],
    [1, 3]
  ])
})

test('one of two operands keeps the shape', () => {
  const { operands } = shrunk(({ builder, spread, twos }) => builder.add('mul', [spread, twos]))
  expect(operands).toContainEqual([4, 3])
})

test('an operand of what is not done element by element stays', () => {
  const { ops } = shrunk(({ builder, spread, x }) => builder.add('concat', [spread, x], { axis: 0 }))
  expect(ops).toEqual(['broadcast', 'concat'])
})
