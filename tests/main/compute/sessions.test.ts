import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats } from '../../../src-main/base/tensors.ts'
import type { Engine, Session } from '../../../src-main/compute/engine.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import type { Program, PureFunction } from '../../../src-main/compute/program.ts'
import { describeEngines } from '../../support/engines.ts'
import { columnsFor, normals, regression, regressionState, requestFor } from './programs.ts'

const rows = 20

async function ready(engine: Engine, program: Program = regression): Promise<Session> {
  const session = await engine.compile(program, { threads: 1 })
  await session.load(regressionState())
  await session.setColumns(columnsFor(program, rows))
  return session
}

describeEngines('a session', engine => {
  test('takes steps that lower the loss and count up', async () => {
    const session = await ready(engine)
    const { inputs } = columnsFor(regression, rows)
    const targets = Float32Array.from({ length: rows }, (_, i) => inputs[3 * i] - 2 * inputs[3 * i + 1])
    await session.setColumns({ inputs, targets })
    const { metrics, finite } = await session.run(requestFor(regression, rows, 0, 40))
    expect([...finite]).toEqual(new Array(40).fill(1))
    expect(metrics[79]).toBe(40)
    const mean = (from: number): number =>
      [0, 1, 2, 3, 4].reduce((sum, i) => sum + metrics[2 * (from + i)] / 5, 0)
    expect(mean(35)).toBeLessThan(0.1 * mean(0))
    await session.close()
  })

  test('does not depend on how steps are split into calls', async () => {
    const whole = await ready(engine)
    const parts = await ready(engine)
    const expected = await whole.run(requestFor(regression, rows, 0, 14))
    const metrics: number[] = []
    for (const [from, steps] of [
      [0, 1],
      [1, 7],
      [8, 6]
    ]) {
      metrics.push(...(await parts.run(requestFor(regression, rows, from, steps))).metrics)
    }
    expect(metrics).toEqual([...expected.metrics])
    expect(await parts.read()).toEqual(await whole.read())
    await Promise.all([whole.close(), parts.close()])
  })

  test('starts again from a state that was read', async () => {
    const session = await ready(engine)
    await session.run(requestFor(regression, rows, 0, 3))
    const saved = await session.read()
    const first = await session.run(requestFor(regression, rows, 3, 5))
    const after = await session.read()
    await session.load(saved)
    expect(await session.run(requestFor(regression, rows, 3, 5))).toEqual(first)
    expect(await session.read()).toEqual(after)
    await session.close()
  })

  test('a state that was read is a copy', async () => {
    const session = await ready(engine)
    const before = await session.read()
    const copy = structuredClone(before)
    await session.run(requestFor(regression, rows, 0, 3))
    expect(before).toEqual(copy)
    await session.close()
  })

  test('new columns take effect at the next call', async () => {
    const session = await ready(engine)
    await session.setColumns({ inputs: new Float32Array(6), targets: new Float32Array(2).fill(3) })
    const request = { ...requestFor(regression, 2, 0, 1), noise: { jitter: new Float32Array(12) } }
    expect((await session.run(request)).metrics[0]).toBe(9)
    await session.close()
  })

  test('flags the first step whose state or metrics are not finite', async () => {
    const session = await ready(engine)
    const request = requestFor(regression, rows, 0, 5)
    request.noise.jitter[2 * 12 + 5] = NaN
    const { finite, metrics } = await session.run(request)
    expect([...finite]).toEqual([1, 1, 0, 0, 0])
    expect(metrics[2 * 2]).toBeNaN()
    expect((await session.read()).weights.data.some(Number.isNaN)).toBe(true)
    await session.close()
  })

  test('flags a state that overflows while every metric stays finite', async () => {
    const program: Program = {
      ...regression,
      metrics: ['step'],
      step: state => ({
        state: { weights: tf.mul(tf.add(state.weights, 1), 1e20), step: tf.add(state.step, 1) },
        metrics: { step: tf.add(state.step, 1) }
      })
    }
    const session = await ready(engine, program)
    const { finite } = await session.run(requestFor(program, rows, 0, 3))
    expect([...finite]).toEqual([1, 0, 0])
    await session.close()
  })

  test('passes a tensor through unchanged, and one under two names', async () => {
    const program: Program = { ...regression, metrics: [], step: state => ({ state, metrics: {} }) }
    const session = await ready(engine, program)
    await session.load({
      weights: floats([3, 1], normals([3, 1], 'w')),
      step: floats([], Float32Array.of(7))
    })
    await session.run(requestFor(program, rows, 0, 2))
    expect((await session.read()).step.data[0]).toBe(7)
    await session.close()
  })

  test.each([
    ['an index past the rows', { indices: new Int32Array(4).fill(rows) }, /index 20/],
    ['a negative index', { indices: new Int32Array(4).fill(-1) }, /index -1/],
    ['too few indices', { indices: new Int32Array(3) }, /indices has 3 values, expected 4/],
    ['missing noise', { noise: {} }, /noise lacks 'jitter'/],
    ['no steps', { steps: 0 }, /steps/]
  ])('refuses %s', async (_what, wrong, message) => {
    const session = await ready(engine)
    await expect(session.run({ ...requestFor(regression, rows, 0, 1), ...wrong })).rejects.toThrow(message)
    await session.close()
  })

  test('refuses a state of another shape, naming it', async () => {
    const session = await ready(engine)
    await expect(session.load({ ...regressionState(), weights: floats([3, 2]) })).rejects.toThrow(
      /'weights' is float32 \[3, 2\]/
    )
    await session.close()
  })
})

const affine: PureFunction = {
  id: 'affine',
  params: { scale: { shape: [2], dtype: 'float32' } },
  inputs: { x: { shape: [3, 2], dtype: 'float32' }, row: { shape: [3], dtype: 'int32' } },
  outputs: ['y', 'best'],
  fn: (params, { x, row }) => ({
    y: tf.gather(tf.mul(x, params.scale), row),
    best: tf.argMax(x, 1)
  })
}

describeEngines('a callable', engine => {
  test('answers with the parameters bound last', async () => {
    const callable = await engine.compileFunction(affine, { threads: 1 })
    const inputs = { x: Float32Array.of(1, 2, 5, 4, 5, 6), row: Int32Array.of(2, 0, 1) }
    await callable.bind({ scale: floats([2], Float32Array.of(1, 1)) })
    await callable.call(inputs)
    await callable.bind({ scale: floats([2], Float32Array.of(2, 10)) })
    const { y, best } = await callable.call(inputs)
    expect([...y]).toEqual([10, 60, 2, 20, 10, 40])
    expect(best).toEqual(Int32Array.of(1, 0, 1))
    await callable.close()
  })

  test('refuses inputs of another length', async () => {
    const callable = await engine.compileFunction(affine, { threads: 1 })
    await callable.bind({ scale: floats([2]) })
    await expect(callable.call({ x: new Float32Array(4), row: new Int32Array(3) })).rejects.toThrow(
      /input 'x' has 4 values/
    )
    await callable.close()
  })
})

test('an unknown engine is refused with the choices', async () => {
  await expect(engineById('warp')).rejects.toMatchObject({
    code: 'engine-unavailable',
    message: expect.stringContaining('eager')
  })
})

test('auto finds an engine', async () => {
  expect((await (await engineById('auto')).describe()).available).toBe(true)
})
