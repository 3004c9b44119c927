import type { Algorithm, Problem, TrainingView } from '../../../src-main/algorithms/algorithm.ts'
import type { SharedConfig } from '../../../src-main/algorithms/config.ts'
import { type HostTensors, specsOf } from '../../../src-main/base/tensors.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { buildColumns } from '../../../src-main/datasets/build.ts'
import { fitActions, fitRewards } from '../../../src-main/datasets/normaliser.ts'
import { drawBatches } from '../../../src-main/datasets/sampler.ts'
import { viewOf } from '../../../src-main/datasets/trainingView.ts'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import { crossroadsDemonstrations } from '../../../src-main/environments/recipes/crossroads.ts'
import { rollOut } from '../../../src-main/evaluation/rollouts.ts'
import { deriveColumns, RowEvaluator } from '../../../src-main/training/derivedColumns.ts'
import { drawNoise, programOf } from './programs.ts'

const problem: Problem = {
  observationSize: 2,
  action: { kind: 'continuous', size: 2 },
  unboundedActions: false
}
const stepsPerCall = 500

/** The 200 Crossroads demonstrations as training sees them: raw rewards, nothing held out. */
export function crossroadsView(): TrainingView {
  const { episodes } = crossroadsDemonstrations.generate(0)
  const columns = buildColumns(
    { observationSize: 2, actionSize: 2, hasRewards: true },
    episodes.map(episode => ({ ...episode, rewards: Float32Array.from(episode.rewards) }))
  )
  const space = {
    kind: 'continuous' as const,
    size: 2,
    low: [-1, -1],
    high: [1, 1],
    outside: 'clip' as const,
    shareOutside: 0
  }
  const indices = Int32Array.from(columns.episodes, (_, index) => index)
  return viewOf(columns, indices, {
    observations: null,
    actions: fitActions(columns, columns.episodes, space),
    rewards: fitRewards(columns, columns.episodes, 'none')
  })
}

/** Trains on the demonstrations, then returns the mean return of 100 episodes from S. */
export async function returnFromStart<C extends SharedConfig>(
  engine: Engine,
  algorithm: Algorithm<C>,
  settings: Partial<C>,
  view: TrainingView,
  seed: number
): Promise<number> {
  const config = algorithm.schema.parse({
    ...{ hiddenSizes: [64, 64], gradientSteps: 8_000, actorLearningRate: 1e-3, batchSize: 256 },
    ...{ criticLearningRate: 1e-3, valueLearningRate: 1e-3 },
    ...settings
  })
  const state = await trained(engine, algorithm, config, view, seed)
  return evaluated(engine, algorithm, config, state)
}

async function trained<C extends SharedConfig>(
  engine: Engine,
  algorithm: Algorithm<C>,
  config: C,
  view: TrainingView,
  seed: number
): Promise<HostTensors> {
  let state = algorithm.init(config, problem, seed)
  const method = { algorithm, config, problem }
  const evaluator = new RowEvaluator(engine, { threads: 1 })
  const derived = () => deriveColumns(method, view, state, evaluator)
  const widths = algorithm.derived?.(config, problem)?.widths ?? {}
  const empty = Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [name, { width, data: new Float32Array() }])
  )
  const program = programOf(algorithm, config, problem, state, { ...view.columns, ...empty })
  const rows = algorithm.select?.(config, view) ?? Int32Array.from({ length: view.rowCount }, (_, row) => row)
  const session = await engine.compile(program, { threads: 1 })
  await session.load(state)
  for (let step = 0; step < config.gradientSteps; step += stepsPerCall) {
    state = await session.read()
    const extra = await derived()
    await session.setColumns(
      Object.fromEntries(
        Object.keys(program.columns).map(name => [name, extra[name] ?? view.columns[name].data])
      )
    )
    const steps = Math.min(stepsPerCall, config.gradientSteps - step)
    const indices = drawBatches(rows, { seed, firstStep: step, steps, batchSize: config.batchSize })
    await session.run({ steps, indices, noise: drawNoise(program.noise, seed, step, steps) })
  }
  state = await session.read()
  await session.close()
  await evaluator.close()
  return state
}

async function evaluated<C extends SharedConfig>(
  engine: Engine,
  algorithm: Algorithm<C>,
  config: C,
  state: HostTensors
): Promise<number> {
  const episodes = 100
  const names = algorithm.policyParameters(config, problem, specsOf(state))
  const params = Object.fromEntries(names.map(name => [name, state[name]]))
  const policy = await engine.compileFunction(
    {
      id: 'act',
      params: specsOf(params),
      inputs: { observations: { shape: [episodes, 2], dtype: 'float32' } },
      outputs: ['actions'],
      fn: algorithm.act(config, problem)
    },
    { threads: 1 }
  )
  await policy.bind(params)
  const act = async (observations: Float32Array) =>
    (await policy.call({ observations })).actions as Float32Array
  const { returns } = await rollOut(crossroads, { act }, { episodes, seed: 0, keep: 0 })
  await policy.close()
  return returns.reduce((sum, value) => sum + value, 0) / episodes
}
