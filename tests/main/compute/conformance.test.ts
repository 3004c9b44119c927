import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { NumericArray, TensorSpecs } from '../../../src-main/base/tensors.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import type { PureFunction } from '../../../src-main/compute/program.ts'
import { describeCompiledEngines, describeEngines } from '../../support/engines.ts'
import { inputsOf, type OpCase, opCases } from './opCases.ts'

/** Relative, with respect to the larger of 1 and the value. */
const tolerance = 2e-6

function specs({ shapes }: OpCase): TensorSpecs {
  return Object.fromEntries(shapes.map((shape, i) => [`x${i}`, { shape, dtype: 'float32' as const }]))
}

function weightedSum(y: tf.Tensor): tf.Scalar {
  const weights = tf.reshape(tf.add(tf.mul(tf.range(0, y.size), 0.37), 0.2), y.shape)
  return tf.sum(tf.mul(y, tf.cos(weights)))
}

/** The value of an op and, where it has one, the gradient of a weighted sum of it. */
function valueAndGradient(op: OpCase): PureFunction {
  const loss = (...xs: tf.Tensor[]): tf.Scalar => weightedSum(op.fn(...xs))
  return {
    id: op.name,
    params: {},
    inputs: specs(op),
    outputs: ['value', ...(op.gradient === false ? [] : op.shapes.map((_shape, i) => `gradient${i}`))],
    fn: (_params, inputs) => {
      const xs = Object.values(inputs)
      const gradients = op.gradient === false ? [] : tf.grads(loss)(xs)
      return {
        value: op.fn(...xs),
        ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient]))
      }
    }
  }
}

async function evaluate(
  engine: Engine,
  op: OpCase,
  inputs: readonly Float32Array[]
): Promise<Record<string, NumericArray>> {
  const callable = await engine.compileFunction(valueAndGradient(op), { threads: 1 })
  await callable.bind({})
  const results = await callable.call(Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])))
  await callable.close()
  return results
}

function expectClose(actual: NumericArray, expected: NumericArray, what: string): void {
  expect(actual, what).toHaveLength(expected.length)
  expected.forEach((value, i) => {
    const close =
      Object.is(actual[i], value) || Math.abs(actual[i] - value) <= tolerance * Math.max(1, Math.abs(value))
    expect(close, `${what}[${i}]: ${actual[i]} instead of ${value}`).toBe(true)
  })
}

describeCompiledEngines('ops agree with eager', engine => {
  test.each(opCases.map(op => [op.name, op] as const))('%s', async (_name, op) => {
    const inputs = inputsOf(op)
    const expected = await evaluate(eagerEngine, op, inputs)
    const actual = await evaluate(engine, op, inputs)
    for (const [name, values] of Object.entries(expected)) expectClose(actual[name], values, name)
  })
})

const differentiable = opCases.filter(op => op.gradient !== false)

test.each(differentiable.map(op => [op.name, op] as const))(
  'the gradient of %s is that of finite differences',
  async (_name, op) => {
    const inputs = inputsOf(op)
    const weighted = {
      ...op,
      fn: (...xs: tf.Tensor[]) => weightedSum(op.fn(...xs)),
      gradient: false as const
    }
    const results = await evaluate(eagerEngine, op, inputs)
    for (const [i, x] of inputs.entries()) {
      const direction = x.map((_value, j) => Math.cos(j + i))
      const size = 1e-2 * Math.min(1, Math.max(...x.map(Math.abs)))
      const at = async (sign: number): Promise<number> => {
        const moved = inputs.with(
          i,
          x.map((value, j) => value + sign * size * direction[j])
        )
        return (await evaluate(eagerEngine, weighted, moved)).value[0]
      }
      const slope = ((await at(1)) - (await at(-1))) / (2 * size)
      const expected = direction.reduce((sum, value, j) => sum + value * results[`gradient${i}`][j], 0)
      expect(Math.abs(slope - expected)).toBeLessThan(5e-3 * Math.max(1, Math.abs(expected)))
    }
  }
)

const special = Float32Array.of(NaN, Infinity, -Infinity, 0, -2, 3, 1e30)
const showsNan: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor])[] = [
  ['relu', tf.relu],
  ['clipByValue', x => tf.clipByValue(x, -1, 1)],
  ['minimum', x => tf.minimum(x, 1)],
  ['maximum', x => tf.maximum(x, 1)],
  ['max', x => tf.max(x)],
  ['min', x => tf.min(x)],
  ['mean', x => tf.mean(x)],
  ['abs', tf.abs],
  ['sigmoid', tf.sigmoid],
  ['tanh', tf.tanh],
  ['softplus', tf.softplus],
  ['exp', tf.exp],
  ['leakyRelu', x => tf.leakyRelu(x, 0.1)],
  ['logSoftmax', x => tf.logSoftmax(x)]
]

describeEngines('a value that is not a number stays visible', engine => {
  test.each(showsNan)('through %s', async (name, fn) => {
    const op: OpCase = { name, shapes: [[7]], fn, gradient: false }
    const { value } = await evaluate(engine, op, [special])
    expect(value[0]).toBeNaN()
  })

  test.each([
    ['clipByValue', (x: tf.Tensor) => tf.clipByValue(x, -1, 1)],
    ['relu', tf.relu]
  ] as const)('%s has exact bounds', async (name, fn) => {
    const { value } = await evaluate(engine, { name, shapes: [[7]], fn, gradient: false }, [special])
    const expected = name === 'relu' ? [Infinity, 0, 0, 0, 3, Math.fround(1e30)] : [1, -1, 0, -1, 1, 1]
    expect([...value.slice(1)]).toEqual(expected)
  })
})
