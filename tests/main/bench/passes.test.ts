import { expect, test } from 'vitest'
import { interpret } from '../../../src-main/compute/interpret.ts'
import { probeCase } from '../../../src-main/compute/onnx/probeCase.ts'
import { passNames } from '../../../src-main/compute/passes/index.ts'
import { pack } from '../../../src-main/compute/passes/packState.ts'
import { compare } from '../../bench/pairs.ts'
import { type Variant, type VariantName, variants, variantStep } from '../../bench/passVariants.ts'
import { normals } from '../compute/programs.ts'

const names = Object.keys(variants) as VariantName[]
const { program, state, columns } = probeCase([8, 8], 4)

test('each pass is left out by one variant, and all by another', () => {
  const left = names.map(name => (variants[name] as Variant).without ?? [])
  for (const pass of passNames) expect(left).toContainEqual([pass])
  expect(left).toContainEqual(passNames)
})

/** Metrics of a variant's step, which the interpreter takes; the state is that of the start. */
function metricsOf(name: VariantName): Record<string, number[]> {
  const step = variantStep(program, name)
  const packed = Object.entries(pack(step, state)).map(([key, { data }]) => [`state/${key}`, data] as const)
  const batch = Object.entries(program.columns).map(
    ([key, { width }]) => [`batch/${key}`, columns[key].slice(0, 4 * width)] as const
  )
  const noise = Object.entries(program.noise).map(
    ([key, { shape }]) => [`noise/${key}`, normals(shape, key)] as const
  )
  const results = interpret(step.graph, Object.fromEntries([...packed, ...batch, ...noise]))
  return Object.fromEntries(program.metrics.map(metric => [metric, [...results[`metrics/${metric}`]]]))
}

test.each(names)('the variant %s is the same step', name => {
  expect(metricsOf(name)).toEqual(metricsOf('usual'))
})

test.each(['biasProducts', 'hardSigmoid', 'reluGrad'] as const)(
  'the variant %s writes out what an engine would rewrite',
  name => {
    const plain = variantStep(program, name).graph.nodes
    const masks = plain.filter(({ op, dtype }) => op === 'step' && dtype === 'float32')
    const biasSums = plain.filter(
      ({ op, inputs, attrs }) =>
        op === 'sum' && plain[inputs[0]].shape.length === 2 && attrs.axes?.length === 1 && attrs.axes[0] === 0
    )
    const usual = variantStep(program, 'usual').graph.nodes
    expect(plain.length).toBeGreaterThan(usual.length)
    expect(name === 'biasProducts' ? biasSums : masks).toEqual([])
  }
)

test('pairs are compared by their ratios, which a slow moment of both does not move', () => {
  const pairs = [
    [200, 100],
    [20, 10],
    [210, 100],
    [190, 100],
    [22, 10]
  ] as const
  const { first, second, ratio, low, high } = compare(pairs)
  expect([first, second, ratio]).toEqual([190, 100, 2])
  expect([low, high]).toEqual([2, 2.1])
})
