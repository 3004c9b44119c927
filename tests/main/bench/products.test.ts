import { expect, test } from 'vitest'
import { formatGraph } from '../../../src-main/compute/graph.ts'
import { optimize } from '../../../src-main/compute/passes/index.ts'
import { traceProgram } from '../../../src-main/compute/trace.ts'
import { flopsOf, productList, productsOf } from '../../bench/products.ts'
import { prepare } from '../../bench/subject.ts'

const subject = { algorithm: 'bc', hidden: [64, 64], batchSize: 32, rows: 10 }
const { program } = prepare(subject)

test('behaviour cloning with three layers multiplies three times forward and five times backward', () => {
  const products = productList(program)
  expect(products).toHaveLength(8)
  const layers = [17 * 64, 64 * 64, 64 * 6]
  const parameters = layers.reduce((sum, size) => sum + size, 0)
  // Forward, to the weights, and to the inputs of all layers but the first.
  expect(flopsOf(products)).toBe(2 * 32 * (2 * parameters + (parameters - layers[0])))
})

test('the products alone are the same products, none of them shared, left out or made smaller', () => {
  const alone = optimize(traceProgram(productsOf(program).program))
  expect(alone.nodes.filter(({ op }) => op === 'matMul')).toHaveLength(8)
  expect(flopsOf(productList(productsOf(program).program))).toBe(flopsOf(productList(program)))
  expect(formatGraph(alone)).not.toContain('state/actor')
})

test('all products of IQL are placed, and their data fits their columns', () => {
  const step = prepare({ algorithm: 'iql', hidden: [16, 16], batchSize: 24, rows: 10 })
  const alone = prepare({ algorithm: 'iql', hidden: [16, 16], batchSize: 24, rows: 10, productsOnly: true })
  expect(flopsOf(productList(alone.program))).toBe(flopsOf(productList(step.program)))
  for (const [name, { width }] of Object.entries(alone.program.columns))
    expect(alone.columns[name]).toHaveLength(10 * width)
})

test('runs in one graph have a batch and a state for each', () => {
  const { program: stacked, state } = prepare({ ...subject, lanes: 3 })
  expect(stacked.batchSize).toBe(3 * 32)
  expect(state['actor/logStd']?.shape ?? Object.values(state)[0].shape).toHaveProperty('0', 3)
})
