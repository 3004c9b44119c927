import { describe, expect, test } from 'vitest'
import { type NumericArray, sizeOf, type TensorSpec } from '../../../../src-main/base/tensors.ts'
import { type Graph, GraphBuilder } from '../../../../src-main/compute/graph.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { OnnxCallable, functionModel } from '../../../../src-main/compute/onnx/function.ts'
import { lowerGraph } from '../../../../src-main/compute/onnx/lower.ts'
import { createSession, loadRuntime } from '../../../../src-main/compute/onnx/runtime.ts'
import { OnnxWriter } from '../../../../src-main/compute/onnx/writer.ts'
import type { Attrs, Op } from '../../../../src-main/compute/ops.ts'
import { normals } from '../programs.ts'

const runtime = loadRuntime()
const missing = 'reason' in runtime ? ` SKIPPED: ${runtime.reason}` : ''

const float32 = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' })
const int32 = (...shape: number[]): TensorSpec => ({ shape, dtype: 'int32' })

/** One op on inputs x0, x1 ... */
function graphOf(
  op: Exclude<Op, 'input' | 'constant'>,
  specs: readonly TensorSpec[],
  attrs: Attrs = {}
): Graph {
  const builder = new GraphBuilder()
  const inputs = specs.map((spec, i) => builder.input(`inputs/x${i}`, spec))
  return { outputs: { y: builder.add(op, inputs, attrs) }, nodes: builder.nodes }
}

/** The ONNX operations that a graph becomes. */
function lowered(graph: Graph): string[] {
  const writer = new OnnxWriter('v')
  lowerGraph(graph, writer, { 'inputs/x0': 'x0', 'inputs/x1': 'x1' })
  return writer.nodes.map(({ op }) => op)
}

/** What onnxruntime makes of a graph. */
async function run(graph: Graph, ...inputs: readonly NumericArray[]): Promise<NumericArray> {
  const specs = graph.nodes.filter(({ op }) => op === 'input')
  const fn = {
    id: 'lowered',
    params: {},
    inputs: Object.fromEntries(specs.map(({ shape, dtype }, i) => [`x${i}`, { shape, dtype }])),
    outputs: ['y'],
    fn: () => ({})
  }
  const callable = new OnnxCallable(fn, await createSession(functionModel(fn, graph), 1))
  await callable.bind({})
  const { y } = await callable.call(Object.fromEntries(inputs.map((data, i) => [`x${i}`, data])))
  await callable.close()
  return y
}

const meant = (graph: Graph, ...inputs: readonly NumericArray[]): NumericArray =>
  interpret(graph, Object.fromEntries(inputs.map((data, i) => [`inputs/x${i}`, data]))).y

describe('the mask of a relu', () => {
  const smallestNormal = 2 ** -126
  const exact = Float32Array.of(
    ...[0, -0, smallestNormal, 1e-30, 0.5, 1, 3.4e38, Infinity, NaN],
    ...[-(2 ** -149), -1e-40, -smallestNormal, -1, -3.4e38, -Infinity]
  )
  const graph = graphOf('step', [float32(exact.length)])

  test('is one operation, without a comparison and a cast', () => {
    expect(lowered(graph)).toEqual(['HardSigmoid'])
  })

  test.skipIf(missing)(`has the bits of step for all but tiny denormal numbers${missing}`, async () => {
    expect(await run(graph, exact)).toEqual(meant(graph, exact))
  })

  test.skipIf(missing)(
    `lies between 0 and 1 for positive numbers below 3.4e-39 alone${missing}`,
    async () => {
      const x = Float32Array.of(2 ** -149, 1e-40, 3.3e-39, 3.4e-39, 5e-39)
      const [one, two, three, ...rest] = await run(graphOf('step', [float32(x.length)]), x)
      for (const value of [one, two, three]) {
        expect(value).toBeGreaterThan(0)
        expect(value).toBeLessThan(1)
      }
      expect(rest).toEqual([1, 1])
    }
  )

  test.skipIf(missing)(`multiplies gradients as the interpreter does${missing}`, async () => {
    const builder = new GraphBuilder()
    const [x, dy] = [0, 1].map(i => builder.input(`inputs/x${i}`, float32(exact.length)))
    const y = builder.add('mul', [dy, builder.add('step', [builder.add('relu', [x])])])
    const masked = { nodes: builder.nodes, outputs: { y } }
    const gradients = normals([exact.length], 'gradients')
    expect(await run(masked, exact, gradients)).toEqual(meant(masked, exact, gradients))
  })

  test.skipIf(missing)(`of integers, or with a slope, is compared${missing}`, async () => {
    const integers = graphOf('step', [int32(4)])
    expect(lowered(integers)).toEqual(['Greater', 'Cast'])
    expect(await run(integers, Int32Array.of(-2, 0, 1, 2 ** 30))).toEqual(Int32Array.of(0, 0, 1, 1))
    const sloped = graphOf('step', [float32(3)], { alpha: 0.5 })
    expect(lowered(sloped)).toEqual(['Greater', 'Where'])
    expect([...(await run(sloped, Float32Array.of(-2, 0, 2)))]).toEqual([0.5, 0.5, 1])
  })
})

describe('the gradient of a bias', () => {
  const sum = (shape: number[], attrs: Attrs = { axes: [0] }): Graph =>
    graphOf('sum', [float32(...shape)], attrs)

  test('is a product with ones', () => {
    expect(lowered(sum([256, 6]))).toEqual(['MatMul', 'Reshape'])
    expect(lowered(sum([256, 6], { axes: [0], keepDims: true }))).toEqual(['MatMul'])
  })

  test.each([
    ['over columns', sum([256, 6], { axes: [1] })],
    ['over everything', sum([256, 6], { axes: [0, 1] })],
    ['of a vector', sum([256])],
    ['of one row', sum([1, 6])],
    ['of one column', sum([256, 1])],
    ['of more axes', sum([2, 256, 6])],
    ['of integers', graphOf('sum', [int32(256, 6)], { axes: [0] })]
  ])('a sum %s is none', (_name, graph) => {
    expect(lowered(graph)).toEqual(['ReduceSum'])
  })

  test.skipIf(missing).each([false, true])(
    `is the sum of the interpreter, but for rounding, keepDims %s${missing}`,
    async keepDims => {
      const graph = sum([256, 7], { axes: [0], keepDims })
      const x = normals([256, 7], 'rows')
      const [actual, expected] = [await run(graph, x), meant(graph, x)]
      expect(actual).toHaveLength(7)
      const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      // Each of 256 additions rounds by half of the last of 24 bits at most.
      actual.forEach((value, i) =>
        expect(Math.abs(value - expected[i])).toBeLessThan(256 * scale * 256 * 2 ** -25)
      )
    }
  )

  test.skipIf(missing)(`keeps what is not finite in its own column${missing}`, async () => {
    const x = new Float32Array(3 * 5).fill(1)
    const put = (row: number, column: number, value: number): number => (x[row * 5 + column] = value)
    put(1, 0, NaN)
    put(2, 1, Infinity)
    put(0, 2, -Infinity)
    put(0, 3, Infinity)
    put(2, 3, -Infinity)
    const graph = sum([3, 5])
    expect(await run(graph, x)).toEqual(Float32Array.of(NaN, Infinity, -Infinity, NaN, 3))
    expect(meant(graph, x)).toEqual(Float32Array.of(NaN, Infinity, -Infinity, NaN, 3))
  })
})

describe('products', () => {
  const product = (a: number[], b: number[], transposeA: boolean, transposeB: boolean): Graph =>
    graphOf('matMul', [float32(...a), float32(...b)], { transposeA, transposeB })
  const cases: readonly (readonly [string, Graph, readonly string[]])[] = [
    ['as they stand', product([4, 3], [3, 5], false, false), ['MatMul']],
    ['the left one transposed', product([3, 4], [3, 5], true, false), ['Gemm']],
    ['the right one transposed', product([4, 3], [5, 3], false, true), ['Gemm']],
    ['both transposed', product([3, 4], [5, 3], true, true), ['Gemm']],
    [
      'of several, the left ones transposed',
      product([2, 3, 4], [2, 3, 5], true, false),
      ['Transpose', 'MatMul']
    ],
    [
      'of several, both transposed',
      product([2, 3, 4], [2, 5, 3], true, true),
      ['Transpose', 'Transpose', 'MatMul']
    ]
  ]
  test.each(cases)(
    'read transposed operands in place where there is such an operation: %s',
    (_name, graph, ops) => {
      expect(lowered(graph)).toEqual(ops)
    }
  )

  test.skipIf(missing).each(cases)(`are those of the interpreter: %s${missing}`, async (_name, graph) => {
    const inputs = graph.nodes.slice(0, 2).map(({ shape }, i) => normals(shape, `operand${i}`))
    const [actual, expected] = [await run(graph, ...inputs), meant(graph, ...inputs)]
    expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5))
  })
})

describe('where ONNX has no such operation', () => {
  /** Values whose direct forms cancel, or overflow. */
  const small = Float32Array.of(1e-12, -1e-12, 1e-7, -1e-7, 1e-4, 0.1, -0.5, 0.9, 2, 10)
  test.skipIf(missing).each([
    ['expm1', Math.expm1],
    ['log1p', Math.log1p]
  ] as const)(`%s keeps its digits near 0${missing}`, async (op, exact) => {
    const results = await run(graphOf(op, [float32(small.length)]), small)
    results.forEach((value, i) => expect(value / exact(small[i])).toBeCloseTo(1, 5))
  })

  test.skipIf(missing)(
    `integers divide exactly, also where float32 does not hold them${missing}`,
    async () => {
      const a = Int32Array.of(2 ** 31 - 1, 2 ** 24 + 1, -7, 7, -(2 ** 31))
      const b = Int32Array.of(1, 1, 2, -2, 1)
      const specs = [int32(a.length), int32(a.length)]
      expect(await run(graphOf('floorDiv', specs), a, b)).toEqual(
        Int32Array.of(2 ** 31 - 1, 2 ** 24 + 1, -4, -4, -(2 ** 31))
      )
      expect(await run(graphOf('mod', specs), a, b)).toEqual(Int32Array.of(0, 0, 1, -1, 0))
    }
  )

  test.skipIf(missing)(`an index outside gives no one-hot and no segment${missing}`, async () => {
    const indices = Int32Array.of(1, -1, 3)
    const hot = graphOf('oneHot', [int32(3)], { depth: 3, dtype: 'float32' })
    expect([...(await run(hot, indices))]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0])
    const sums = graphOf('segmentSum', [float32(3, 2), int32(3)], { depth: 2 })
    expect([...(await run(sums, Float32Array.of(1, 2, 3, 4, 5, 6), indices))]).toEqual([0, 0, 1, 2])
  })

  test.skipIf(missing)(`a sum over no axis is nothing to do${missing}`, async () => {
    const x = normals([2, 3], 'x')
    for (const op of ['sum', 'mean', 'max', 'min', 'prod'] as const)
      expect(await run(graphOf(op, [float32(2, 3)], { axes: [] }), x)).toEqual(x)
  })
})

test('one constant serves all that need the same number', () => {
  const builder = new GraphBuilder()
  const x = builder.input('inputs/x0', float32(2))
  const two = (): number => builder.fill(2, float32())
  const y = builder.add('mul', [builder.add('mul', [x, two()]), two()])
  const writer = new OnnxWriter('v')
  lowerGraph({ nodes: builder.nodes, outputs: { y } }, writer, { 'inputs/x0': 'x0' })
  expect(writer.constants).toHaveLength(1)
  expect(sizeOf(writer.constants[0].shape as number[])).toBe(1)
})

test.skipIf(missing)(`0 and -0 are two constants${missing}`, async () => {
  const builder = new GraphBuilder()
  const x = builder.input('inputs/x0', float32(1))
  const zeros = [0, -0].map(value => builder.add('div', [x, builder.fill(value, float32())]))
  const graph = { nodes: builder.nodes, outputs: { y: builder.add('concat', zeros, { axis: 0 }) } }
  expect([...(await run(graph, Float32Array.of(1)))]).toEqual([Infinity, -Infinity])
})
