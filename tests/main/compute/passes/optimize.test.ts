import { describe, expect, test } from 'vitest'
import type { NumericArray } from '../../../../src-main/base/tensors.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { probeCase } from '../../../../src-main/compute/onnx/probeCase.ts'
import { optimize, optimizeStep, passNames } from '../../../../src-main/compute/passes/index.ts'
import { pack, unpack } from '../../../../src-main/compute/passes/packState.ts'
import { traceProgram } from '../../../../src-main/compute/trace.ts'
import { normals, regression } from '../programs.ts'

test('all passes together keep the bits of a training step', () => {
  const graph = traceProgram(regression)
  const optimized = optimize(graph)
  const inputs = {
    'state/weights': normals([3, 1], 'weights'),
    'state/step': Float32Array.of(4),
    'batch/inputs': normals([4, 3], 'inputs'),
    'batch/targets': normals([4, 1], 'targets'),
    'noise/jitter': normals([4, 3], 'jitter')
  }
  expect(optimized.nodes.length).toBeLessThan(graph.nodes.length)
  expect(interpret(optimized, inputs)).toEqual(interpret(graph, inputs))
})

describe('a step of IQL', () => {
  const { program, state, columns } = probeCase([8, 8], 4)
  const recorded = traceProgram(program)
  const whole = optimizeStep(recorded, program.state)
  const batch = Object.fromEntries(
    Object.entries(program.columns).map(([name, { width }]) => [
      `batch/${name}`,
      columns[name].slice(0, 4 * width)
    ])
  )
  const noise = Object.fromEntries(
    Object.entries(program.noise).map(([name, { shape }]) => [`noise/${name}`, normals(shape, name)])
  )

  /** Metrics and the new state, by their names in the program. */
  function resultsOf(step: typeof whole): Record<string, NumericArray> {
    const packed = Object.entries(pack(step, state)).map(
      ([name, { data }]) => [`state/${name}`, data] as const
    )
    const results = interpret(step.graph, { ...batch, ...noise, ...Object.fromEntries(packed) })
    const next = Object.fromEntries(
      Object.entries(step.state).map(([name, spec]) => [name, { ...spec, data: results[`state/${name}`] }])
    )
    const unpacked = unpack(step, Object.keys(program.state), next)
    return Object.fromEntries([
      ...program.metrics.map(name => [name, results[`metrics/${name}`]] as const),
      ...Object.entries(unpacked).map(([name, { data }]) => [`state/${name}`, data] as const)
    ])
  }

  const plain = resultsOf({ graph: recorded, state: program.state, places: {} })

  test('has the bits of the recorded one, in half of the nodes', () => {
    expect(resultsOf(whole)).toEqual(plain)
    expect(whole.graph.nodes.length).toBeLessThan(0.6 * recorded.nodes.length)
    expect(Object.keys(whole.state).length).toBeLessThan(Object.keys(program.state).length)
  })

  test.each(passNames)('has these bits without the pass %s too', name => {
    expect(resultsOf(optimizeStep(recorded, program.state, { without: [name] }))).toEqual(plain)
  })

  test('is the recorded one without any pass', () => {
    const { graph, state, places } = optimizeStep(recorded, program.state, { without: passNames })
    expect({ graph, state, places }).toEqual({ graph: recorded, state: program.state, places: {} })
  })

  test.each(['deadCode', 'constants', 'identities', 'sharing', 'packState'] as const)(
    'is larger without the pass %s',
    name => {
      const { graph } = optimizeStep(recorded, program.state, { without: [name] })
      expect(graph.nodes.length).toBeGreaterThan(whole.graph.nodes.length)
    }
  )
})
