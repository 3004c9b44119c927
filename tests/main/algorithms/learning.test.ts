import { describe, expect, test } from 'vitest'
import type { Algorithm, Problem, TrainingView } from '../../../src-main/algorithms/algorithm.ts'
import { bc } from '../../../src-main/algorithms/bc.ts'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { type HostTensors, specsOf } from '../../../src-main/base/tensors.ts'
import type { NumericArray } from '../../../src-main/base/tensors.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { drawBatches } from '../../../src-main/datasets/sampler.ts'
import { deriveColumns, RowEvaluator } from '../../../src-main/training/derivedColumns.ts'
import { continuous, discrete, drawNoise, programOf, randomColumns, train } from './programs.ts'

const engine = await engineById('auto')

/** Trains for `config.gradientSteps` in one go; derived columns are those of the initial state. */
async function trained(
  algorithm: Algorithm,
  settings: object,
  problem: Problem,
  view: TrainingView
): Promise<HostTensors> {
  const config = algorithm.schema.parse(settings)
  const state = algorithm.init(config, problem, 0)
  const evaluator = new RowEvaluator(engine, { threads: 1 })
  const derived = await deriveColumns({ algorithm, config, problem }, view, state, evaluator)
  await evaluator.close()
  const extra = Object.fromEntries(Object.entries(derived).map(([name, data]) => [name, { width: 1, data }]))
  const columns = { ...view.columns, ...extra }
  const program = programOf(algorithm, config, problem, state, columns)
  const rows = algorithm.select?.(config, view) ?? Int32Array.from({ length: view.rowCount }, (_, row) => row)
  const request = { seed: 0, firstStep: 0, steps: config.gradientSteps, batchSize: config.batchSize }
  const noise = drawNoise(program.noise, 0, 0, config.gradientSteps)
  const result = await train(engine, program, state, columns, drawBatches(rows, request), noise, 100)
  return result.state
}

/** What a pure function of the state gives for a batch. */
async function evaluated(
  state: HostTensors,
  inputs: Readonly<Record<string, { width: number; data: Float32Array }>>,
  outputs: readonly string[],
  fn: ReturnType<Algorithm['act']>
): Promise<Readonly<Record<string, NumericArray>>> {
  const specs = Object.entries(inputs).map(([name, { width, data }]) => [
    name,
    { shape: [data.length / width, width], dtype: 'float32' as const }
  ])
  const call = await engine.compileFunction(
    { id: 'test', params: specsOf(state), inputs: Object.fromEntries(specs), outputs, fn },
    { threads: 1 }
  )
  await call.bind(state)
  const result = await call.call(
    Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]))
  )
  await call.close()
  return result
}

describe('behaviour cloning over-fits 64 transitions', () => {
  test.each([
    ['likelihood', 'continuous', 0.05],
    ['mse', 'continuous', 0.05],
    ['likelihood', 'discrete', 0],
    ['mse', 'discrete', 0]
  ] as const)('%s, %s actions', async (loss, kind, distance) => {
    const problem = kind === 'continuous' ? continuous : discrete
    const columns = randomColumns(problem, 64)
    const view = { rowCount: 64, columns, episodes: [] }
    const config = {
      loss,
      hiddenSizes: [128, 128],
      batchSize: 64,
      gradientSteps: 3000,
      actorLearningRate: 2e-3
    }
    const state = await trained(bc, { ...config, learningRateSchedule: 'cosine' }, problem, view)
    const { names, fn } = bc.diagnose(bc.schema.parse(config), problem)
    const { observations, actions } = columns
    const result = await evaluated(state, { observations, actions }, names, fn)
    expect(result.actionDistance[0]).toBeLessThanOrEqual(distance)
    if (loss === 'likelihood')
      expect(result.logLikelihood[0]).toBeGreaterThan(kind === 'continuous' ? 3 : -0.05)
  })
})

/**
 * One-step episodes: two of three choose the action without reward, one of three the action that earns 1.
 * Continuous actions scatter around -0.5 and 0.5; discrete ones are 0 and 2 of 4.
 */
function bandit(problem: Problem): TrainingView {
  const random = new RandomSequence(0, 'test/bandit')
  const rows = 300
  const good = Array.from({ length: rows }, (_, row) => row % 3 === 0)
  const width = problem.action.kind === 'continuous' ? problem.action.size : problem.action.count
  const actions = new Float32Array(rows * width)
  good.forEach((isGood, row) => {
    if (problem.action.kind === 'discrete') actions[row * width + (isGood ? 2 : 0)] = 1
    else
      for (let i = 0; i < width; i++) actions[row * width + i] = (isGood ? 0.5 : -0.5) + 0.1 * random.normal()
  })
  const constant = (value: number) => ({ width: 1, data: new Float32Array(rows).fill(value) })
  const observations = { width: 3, data: Float32Array.from({ length: rows * 3 }, () => random.normal()) }
  return {
    rowCount: rows,
    columns: {
      observations,
      nextObservations: observations,
      actions: { width, data: actions },
      nextActions: { width, data: new Float32Array(rows * width) },
      rewards: { width: 1, data: Float32Array.from(good, Number) },
      nonTerminal: constant(0),
      hasNextAction: constant(0),
      hasNextObservation: constant(1)
    },
    episodes: good.map((isGood, row) => ({
      firstRow: row,
      length: 1,
      endReason: 'terminated' as const,
      rawReturn: Number(isGood)
    }))
  }
}

describe('on mixed choices, rewarded ones in the minority', () => {
  const settings = {
    hiddenSizes: [16, 16],
    batchSize: 64,
    gradientSteps: 1000,
    discount: 0.9,
    actorLearningRate: 3e-3
  }
  const rates = { criticLearningRate: 3e-3, valueLearningRate: 3e-3, polyak: 0.05 }

  /** Where the policy goes, averaged over states: -1 to the poor action, 1 to the rewarded one. */
  async function leaning(id: string, own: object, problem: Problem): Promise<number> {
    const algorithm = algorithmById(id)
    const view = bandit(problem)
    const config = { ...settings, ...(id === 'bc' || id === 'filteredBc' ? {} : rates), ...own }
    const state = await trained(algorithm, config, problem, view)
    const output = problem.action.kind === 'continuous' ? 'actions' : 'logits'
    const { observations } = view.columns
    const acted = await evaluated(
      state,
      { observations },
      [output],
      algorithm.act(algorithm.schema.parse(config), problem)
    )
    const values = Array.from(acted[output])
    if (problem.action.kind === 'continuous')
      return (2 * values.reduce((sum, value) => sum + value, 0)) / values.length
    const chosen = Array.from({ length: 300 }, (_, row) => values.slice(4 * row, 4 * row + 4)).map(row =>
      row.indexOf(Math.max(...row))
    )
    return chosen.reduce((sum, action) => sum + (action === 2 ? 1 : -1), 0) / 300
  }

  test.each([continuous, discrete])(
    'behaviour cloning follows the majority, $action.kind actions',
    async problem => {
      expect(await leaning('bc', {}, problem)).toBeLessThan(-0.2)
    }
  )

  test.each(
    [continuous, discrete].flatMap(problem =>
      (
        [
          ['filteredBc', { keep: 'return', minimumReturn: 1 }],
          ['awr', { temperature: 0.2, standardiseAdvantage: false }],
          ['awr', { temperature: 0.2, standardiseAdvantage: true }],
          ['awac', { temperature: 0.2, nextAction: 'policy' }],
          ['awac', { temperature: 0.2, nextAction: 'data' }],
          ['awac', { temperature: 0.2, nextAction: 'data', weighting: 'softmax' }],
          ['iql', { expectile: 0.7, inverseTemperature: 5 }]
        ] as const
      ).map(([id, own]) => [id, own, problem.action.kind, problem] as const)
    )
  )('%s %o prefers the reward, %s actions', async (id, own, _kind, problem) => {
    expect(await leaning(id, own, problem)).toBeGreaterThan(0.5)
  })
})
