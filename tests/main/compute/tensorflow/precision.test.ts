import { describe, expect, test } from 'vitest'
import { eagerEngine } from '../../../../src-main/compute/eager/index.ts'
import type { Engine } from '../../../../src-main/compute/engine.ts'
import { probeCase } from '../../../../src-main/compute/onnx/probeCase.ts'
import { onnxEngine } from '../../../../src-main/compute/onnx/index.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import { multiplyInBfloat16 } from '../../../../src-main/compute/passes/reducedPrecision.ts'
import { traceProgram } from '../../../../src-main/compute/trace.ts'
import type { Precision } from '../../../../src-preload/contract/precision.ts'
import { describeOnly } from '../../../support/engines.ts'

const one = probeCase([64, 64], 64)
const steps = 10

async function metricsIn(engine: Engine, precision: Precision): Promise<Float32Array> {
  const session = await engine.compile(one.program, { threads: 1, precision })
  await session.load(one.state)
  await session.setColumns(one.columns)
  const { metrics, finite } = await session.run(one.request(0, steps))
  expect([...finite]).toEqual(new Array(steps).fill(1))
  await session.close()
  return metrics
}

function largestError(actual: Float32Array, expected: Float32Array): number {
  return Math.max(
    ...actual.map((value, i) => Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i])))
  )
}

describe('products in bfloat16', () => {
  test('are those between hidden layers, forward and backward', () => {
    const graph = multiplyInBfloat16(optimize(traceProgram(one.program)))
    const products = graph.nodes.filter(node => node.op === 'matMul')
    const reduced = products.filter(node => node.attrs.precision === 'bfloat16')
    expect(reduced.length).toBeGreaterThan(0)
    for (const { shape } of reduced) expect(Math.min(...shape)).toBeGreaterThanOrEqual(64)
    const narrow = products.filter(({ shape }) => Math.min(...shape) < 64)
    expect(narrow.length).toBeGreaterThan(0)
    for (const { attrs } of narrow) expect(attrs.precision).toBeUndefined()
  })

  test('move ten steps of eager by rounding, not by more', { timeout: 120_000 }, async () => {
    const error = largestError(
      await metricsIn(eagerEngine, 'bfloat16'),
      await metricsIn(eagerEngine, 'float32')
    )
    expect(error).toBeGreaterThan(1e-6)
    expect(error).toBeLessThan(0.02)
  })

  test('are refused where an engine has none', async () => {
    const error = { code: 'engine-unavailable', message: expect.stringContaining('bfloat16') as string }
    await expect(
      onnxEngine.compile(one.program, { threads: 1, precision: 'bfloat16' })
    ).rejects.toMatchObject(error)
  })
})

describeOnly('tensorflow', 'in bfloat16', engine => {
  test(
    'ten steps stay within 1 % of eager in bfloat16, and 2 % of float32',
    { timeout: 120_000 },
    async () => {
      const reduced = await metricsIn(engine, 'bfloat16')
      const exact = await metricsIn(engine, 'float32')
      expect(largestError(reduced, exact)).toBeGreaterThan(1e-6)
      expect(largestError(reduced, exact)).toBeLessThan(0.02)
      expect(largestError(reduced, await metricsIn(eagerEngine, 'bfloat16'))).toBeLessThan(0.01)
      expect(await metricsIn(engine, 'bfloat16')).toEqual(reduced)
    }
  )
})
