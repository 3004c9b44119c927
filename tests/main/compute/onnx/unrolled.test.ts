import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { floats, type HostTensors } from '../../../../src-main/base/tensors.ts'
import type { Engine, Session } from '../../../../src-main/compute/engine.ts'
import { compileOn } from '../../../../src-main/compute/onnx/gpuEngines.ts'
import { onnxEngine } from '../../../../src-main/compute/onnx/index.ts'
import { probeCase } from '../../../../src-main/compute/onnx/probeCase.ts'
import { type GpuProvider, gpuProviders } from '../../../../src-main/compute/onnx/providers.ts'
import type { Program } from '../../../../src-main/compute/program.ts'
import { columnsFor, normals, regression, regressionState, requestFor } from '../programs.ts'

const rows = 20
type Compile = Pick<Engine, 'compile'>

/** A provider's form of a program, run by the processor: the same models, blocks and columns. */
const onProcessor = (gpu: GpuProvider): Compile => ({
  compile: (program, options) => compileOn(gpu, program, options, 'cpu')
})

async function ready(
  engine: Compile,
  program: Program = regression,
  state: HostTensors = regressionState()
): Promise<Session> {
  const session = await engine.compile(program, { threads: 1 })
  await session.load(state)
  await session.setColumns(columnsFor(program, rows))
  return session
}

/** Metrics and the state after `steps` steps in calls of `perCall`. */
async function train(engine: Compile, steps: number, perCall: number) {
  const session = await ready(engine)
  const metrics: number[] = []
  for (let from = 0; from < steps; from += perCall) {
    const count = Math.min(perCall, steps - from)
    metrics.push(...(await session.run(requestFor(regression, rows, from, count))).metrics)
  }
  const state = await session.read()
  await session.close()
  return { metrics, state }
}

const cases = gpuProviders.map(gpu => [gpu.id, onProcessor(gpu), gpu] as const)

describe.each(cases)('the unrolled form of %s, on the processor', (_id, engine, gpu) => {
  test('gives the bits of the Loop', async () => {
    const steps = gpu.steps + gpu.steps / 4 + 1 // one of each form
    expect(await train(engine, steps, steps)).toEqual(await train(onnxEngine, steps, steps))
  })

  test('gives the same bits however steps are split into calls', async () => {
    const whole = await train(engine, 50, 50)
    for (const perCall of [1, 7]) expect(await train(engine, 50, perCall)).toEqual(whole)
  })

  test('trains IQL as the Loop does', async () => {
    const one = probeCase([16, 16], 8)
    const results = []
    for (const { compile } of [engine, onnxEngine]) {
      const session = await compile(one.program, { threads: 1 })
      await session.load(one.state)
      await session.setColumns(one.columns)
      results.push((await session.run(one.request(0, gpu.steps + 1))).metrics)
      await session.close()
    }
    const [actual, expected] = results
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i] - value) / Math.max(1, Math.abs(value))).toBeLessThan(1e-5)
    })
  })

  test('takes new columns at the next call', async () => {
    const session = await ready(engine)
    await session.run(requestFor(regression, rows, 0, 1))
    await session.load(regressionState())
    await session.setColumns({ inputs: new Float32Array(6), targets: new Float32Array(2).fill(3) })
    const request = { ...requestFor(regression, 2, 0, 1), noise: { jitter: new Float32Array(12) } }
    expect((await session.run(request)).metrics[0]).toBe(9)
    await session.close()
  })

  test('flags the step at which a metric is not finite, and the steps after it', async () => {
    const session = await ready(engine)
    const request = requestFor(regression, rows, 0, gpu.steps + 2)
    const bad = gpu.steps - 2
    request.noise.jitter[bad * 12 + 5] = NaN
    const { finite, metrics } = await session.run(request)
    expect([...finite]).toEqual(Array.from({ length: gpu.steps + 2 }, (_, i) => Number(i < bad)))
    expect(metrics[2 * bad]).toBeNaN()
    expect((await session.read()).weights.data.some(Number.isNaN)).toBe(true)
    await session.close()
  })

  test('flags a state that overflows while every metric stays finite', async () => {
    const program: Program = {
      ...regression,
      metrics: ['step'],
      step: state => ({
        state: { weights: tf.mul(tf.add(state.weights, 1), 1e20), step: tf.add(state.step, 1) },
        metrics: { step: tf.add<tf.Scalar>(state.step, 1) }
      })
    }
    const session = await ready(engine, program)
    expect([...(await session.run(requestFor(program, rows, 0, 3))).finite]).toEqual([1, 0, 0])
    await session.close()
  })

  test('passes a tensor through unchanged', async () => {
    const program: Program = { ...regression, metrics: [], step: state => ({ state, metrics: {} }) }
    const state = { weights: floats([3, 1], normals([3, 1], 'w')), step: floats([], Float32Array.of(7)) }
    const session = await ready(engine, program, state)
    await session.run(requestFor(program, rows, 0, gpu.steps + 1))
    expect(await session.read()).toEqual(state)
    await session.close()
  })

  test('keeps metrics and flags of the lanes of a stacked program apart', async () => {
    const program: Program = {
      id: 'lanes',
      state: { x: { shape: [2, 3], dtype: 'float32' } },
      columns: {},
      batchSize: 1,
      noise: {},
      metrics: ['mean', 'first'],
      lanes: 2,
      step: ({ x }) => ({
        state: { x: tf.mul(x, 1e10) },
        metrics: {
          mean: tf.mean<tf.Scalar>(x, 1), // a scalar for each lane, as stacked programs have
          first: tf.max<tf.Scalar>(tf.slice(x, [0, 0], [2, 1]), 1)
        }
      })
    }
    const session = await engine.compile(program, { threads: 1 })
    await session.load({ x: floats([2, 3], Float32Array.of(1, 2, 3, 1e20, 1e20, 1e20)) })
    const { metrics, finite } = await session.run({ steps: 2, indices: new Int32Array(0), noise: {} })
    expect([...metrics.slice(0, 4)]).toEqual([2, Math.fround(1e20), 1, Math.fround(1e20)])
    expect([...finite]).toEqual([1, 1, 1, 0])
    await session.close()
  })

  test('keeps the state when a call fails', async () => {
    const session = await ready(engine)
    await session.run(requestFor(regression, rows, 0, 2))
    const before = await session.read()
    const wrong = { ...requestFor(regression, rows, 2, 1), indices: new Int32Array(4).fill(rows) }
    await expect(session.run(wrong)).rejects.toThrow(/index 20/)
    expect(await session.read()).toEqual(before)
    await session.close()
  })
})
