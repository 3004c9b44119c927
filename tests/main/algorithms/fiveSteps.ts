import type { Algorithm, Problem } from '../../../src-main/algorithms/algorithm.ts'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { fillIntegers } from '../../../src-main/base/random.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { continuous, discrete, drawNoise, programOf, randomColumns, train } from './programs.ts'

/** One line of the fixture: an algorithm with settings on fixed random transitions. */
export interface FixtureCase {
  readonly name: string
  readonly algorithm: Algorithm
  readonly settings: object
  readonly problem: Problem
}

const variants: Readonly<Record<string, readonly object[]>> = {
  bc: [{ loss: 'likelihood' }, { loss: 'mse' }],
  awac: [
    { nextAction: 'policy', valueSamples: 4 },
    { nextAction: 'data', weighting: 'softmax' }
  ]
}

/** All algorithms and their main variants, for both kinds of actions. */
export function fixtureCases(): FixtureCase[] {
  return algorithms.flatMap(algorithm =>
    (variants[algorithm.id] ?? [{}]).flatMap(settings =>
      [continuous, discrete].map(problem => ({
        name: [algorithm.id, ...Object.values(settings), problem.action.kind].join(' '),
        algorithm,
        settings,
        problem
      }))
    )
  )
}

/** Metrics of the first five steps, [5] each. */
export async function fixtureRun(engine: Engine, { algorithm, settings, problem }: FixtureCase) {
  const config = algorithm.schema.parse({ hiddenSizes: [8, 6], batchSize: 16, gradientSteps: 5, ...settings })
  const columns = randomColumns(problem, 40)
  const state = algorithm.init(config, problem, 7)
  const program = programOf(algorithm, config, problem, state, columns)
  const indices = new Int32Array(5 * config.batchSize)
  fillIntegers(indices, 40, { seed: 7, stream: 'test/batch', step: 0 })
  const result = await train(engine, program, state, columns, indices, drawNoise(program.noise, 7, 0, 5), 5)
  return result.metrics
}
