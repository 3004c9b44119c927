import { describe, expect, test } from 'vitest'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { fillIntegers } from '../../../src-main/base/random.ts'
import { describeEngines } from '../../support/engines.ts'
import { continuous, discrete, drawNoise, programOf, randomColumns, train } from './programs.ts'

const steps = 50
const rows = 60

/** Every algorithm with noise of every kind, where it has any. */
const cases = algorithms.flatMap(algorithm =>
  [continuous, discrete].map(problem => [algorithm.id, problem.action.kind, algorithm, problem] as const)
)

describeEngines('the same bytes however the steps are cut into calls', engine => {
  test.each(cases)('%s, %s actions: K = 1, 7 and 50', async (_id, _kind, algorithm, problem) => {
    const settings = { hiddenSizes: [8, 8], batchSize: 16, dropout: 0.1, gradientSteps: steps }
    const config = algorithm.schema.parse({ ...settings, learningRateSchedule: 'cosine' })
    const columns = randomColumns(problem, rows)
    const state = algorithm.init(config, problem, 4)
    const program = programOf(algorithm, config, problem, state, columns)
    const indices = new Int32Array(steps * config.batchSize)
    fillIntegers(indices, rows, { seed: 4, stream: 'test/batch', step: 0 })
    const noise = drawNoise(program.noise, 4, 0, steps)
    const [one, seven, all] = await Promise.all(
      [1, 7, 50].map(perCall => train(engine, program, state, columns, indices, noise, perCall))
    )
    expect(one.finite).toEqual(new Uint8Array(steps).fill(1))
    expect(one.state.step.data[0]).toBe(steps)
    expect(one.state['actor/0/kernel'].data).not.toEqual(state['actor/0/kernel'].data)
    for (const other of [seven, all]) {
      expect(other.state).toEqual(one.state)
      expect(other.metrics).toEqual(one.metrics)
    }
  })
})

describe('initial states', () => {
  test.each(cases)('%s, %s actions: a function of the seed alone', (_id, _kind, algorithm, problem) => {
    const config = algorithm.schema.parse({ hiddenSizes: [8] })
    const first = algorithm.init(config, problem, 0)
    expect(algorithm.init(config, problem, 0)).toEqual(first)
    expect(algorithm.init(config, problem, 1)['actor/0/kernel'].data).not.toEqual(
      first['actor/0/kernel'].data
    )
    expect(first.step.data).toEqual(Float32Array.of(0))
    for (const [name, { data }] of Object.entries(first)) {
      if (name.includes('Optimizer/')) expect(data.every(value => value === 0)).toBe(true)
      if (name.startsWith('targetCritic/'))
        expect(data).toEqual(first[name.replace('targetCritic', 'critic')].data)
    }
  })
})
