import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { eagerEngine } from '../../../../src-main/compute/eager/index.ts'
import type { CompileOptions, Session } from '../../../../src-main/compute/engine.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import type { PureFunction } from '../../../../src-main/compute/program.ts'
import { TensorflowCallable } from '../../../../src-main/compute/tensorflow/callable.ts'
import { functionModel } from '../../../../src-main/compute/tensorflow/functionModel.ts'
import { loadModel, loadTensorflow } from '../../../../src-main/compute/tensorflow/runtime.ts'
import { TensorflowSession } from '../../../../src-main/compute/tensorflow/session.ts'
import { traceFunction, traceProgram } from '../../../../src-main/compute/trace.ts'
import type { Execution, ExecutionMode } from '../../../../src-preload/contract/execution.ts'
import { describeOnly } from '../../../support/engines.ts'
import { inputsOf, opCases } from '../opCases.ts'
import { columnsFor, regression, regressionState, requestFor } from '../programs.ts'

/** Every op of the table in one function, because XLA takes a second or more for each that it compiles. */
const everything: PureFunction = {
  id: 'everything',
  params: {},
  inputs: Object.fromEntries(
    opCases.flatMap(({ shapes }, i) =>
      shapes.map((shape, j) => [`x${i}_${j}`, { shape, dtype: 'float32' as const }])
    )
  ),
  outputs: opCases.flatMap((op, i) => [`value${i}`, ...(op.gradient === false ? [] : [`gradient${i}`])]),
  fn: (_params, inputs) => Object.assign({}, ...opCases.map((_op, i) => caseOf(i, inputs))) as Tensors
}

function caseOf(i: number, inputs: Tensors): Tensors {
  const op = opCases[i]
  const xs = op.shapes.map((_shape, j) => inputs[`x${i}_${j}`])
  const value = { [`value${i}`]: op.fn(...xs) }
  if (op.gradient === false) return value
  const gradients = tf.grads((...at: tf.Tensor[]) => tf.sum<tf.Scalar>(op.fn(...at)))(xs)
  return { ...value, [`gradient${i}`]: tf.concat(gradients.map(gradient => tf.reshape(gradient, [-1]))) }
}

describeOnly('tensorflow', 'compiled by XLA', engine => {
  test('a run is told in which mode it trains, and why', async () => {
    const notes: string[] = []
    const session = await engine.compile(regression, { threads: 1, note: text => void notes.push(text) })
    expect(notes).toEqual([
      expect.stringMatching(/^TensorFlow runs the steps (node by node|compiled by XLA): .+\.$/)
    ])
    await session.close()
  })

  test('every op and its gradient agree with eager', { timeout: 240_000 }, async () => {
    loadTensorflow(1)
    const model = functionModel(everything, optimize(traceFunction(everything)), 'xla')
    const compiled = new TensorflowCallable(everything, await loadModel(model, 1))
    const reference = await eagerEngine.compileFunction(everything, { threads: 1 })
    const inputs = Object.fromEntries(
      opCases.flatMap((op, i) => inputsOf(op).map((x, j) => [`x${i}_${j}`, x] as const))
    )
    await compiled.bind({})
    await reference.bind({})
    const [actual, expected] = [await compiled.call(inputs), await reference.call(inputs)]
    for (const [name, values] of Object.entries(expected)) {
      const { name: op } = opCases[Number(/\d+$/.exec(name)?.[0])]
      values.forEach((value, j) => {
        const error = Math.abs(actual[name][j] - value) / Math.max(1, Math.abs(value))
        expect(
          Object.is(actual[name][j], value) || error < 1e-5,
          `${name} of ${op}: ${actual[name][j]}, ${value}`
        ).toBe(true)
      })
    }
    await compiled.close()
  })

  const sessionOf = (mode: ExecutionMode, runsAs?: CompileOptions['runsAs']): Promise<Session> => {
    loadTensorflow(1)
    const graph = optimize(traceProgram(regression))
    const execution = { mode, reason: 'a test' }
    return TensorflowSession.open({ program: regression, graph, execution, threads: 1, runsAs })
  }

  test.each<ExecutionMode>(['graph', 'xla'])(
    'how steps ran is told once, after the first call: %s',
    { timeout: 60_000 },
    async mode => {
      const told: Execution[] = []
      const session = await sessionOf(mode, execution => void told.push(execution))
      await session.load(regressionState())
      await session.setColumns(columnsFor(regression, 20))
      expect(told).toEqual([])
      await session.run(requestFor(regression, 20, 0, 3))
      await session.run(requestFor(regression, 20, 3, 3))
      expect(told).toEqual([{ mode, reason: 'a test' }])
      await session.close()
    }
  )

  test('a call of more steps than one predict takes is the same steps', { timeout: 120_000 }, async () => {
    const rows = 20
    const ready = async (session: Session): Promise<Session> => {
      await session.load(regressionState())
      await session.setColumns(columnsFor(regression, rows))
      return session
    }
    const session = await ready(await sessionOf('xla'))
    const whole = await session.run(requestFor(regression, rows, 0, 1100))
    const after = await session.read()
    await session.load(regressionState())
    const parts = [
      await session.run(requestFor(regression, rows, 0, 700)),
      await session.run(requestFor(regression, rows, 700, 400))
    ]
    expect(parts.flatMap(({ metrics }) => [...metrics])).toEqual([...whole.metrics])
    expect(await session.read()).toEqual(after)
    await session.close()
    const plain = await ready(await sessionOf('graph'))
    const { metrics } = await plain.run(requestFor(regression, rows, 0, 1100))
    metrics.forEach((value, i) => expect(Math.abs(value - whole.metrics[i])).toBeLessThan(1e-5))
    await plain.close()
  })
})
