import type { Algorithm, Problem } from '../../../../src-main/algorithms/algorithm.ts'
import { algorithmById, algorithms } from '../../../../src-main/algorithms/index.ts'
import { type HostTensors, specsOf } from '../../../../src-main/base/tensors.ts'
import type { Engine, RunRequest, RunResult } from '../../../../src-main/compute/engine.ts'
import type { Program } from '../../../../src-main/compute/program.ts'
import { normals } from '../programs.ts'

export const rows = 64
export const problems: readonly Problem[] = [
  { observationSize: 3, action: { kind: 'continuous', size: 2 }, unboundedActions: false },
  { observationSize: 3, action: { kind: 'discrete', count: 4 }, unboundedActions: false }
]

/** One run of several: its program, first state and columns. */
export interface Lane {
  readonly program: Program
  readonly state: HostTensors
  readonly columns: Readonly<Record<string, Float32Array>>
}

/** What training a lane came to. */
export interface Trained extends RunResult {
  readonly state: HostTensors
}

/** Settings in which lanes differ: scalars of the method, where the algorithm has them. */
const scalars = (algorithm: Algorithm, seed: number): Record<string, number> => {
  const all = {
    actorLearningRate: 1e-3 * (1 + seed),
    expectile: 0.6 + 0.07 * seed,
    inverseTemperature: 1 + seed,
    temperature: 1 + seed,
    maxAdvantageWeight: 5 + seed,
    discount: 0.9 + 0.015 * seed
  }
  const fields = Object.keys(algorithm.schema.parse({}))
  return Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name)))
}

/** A run of an algorithm on random data, with scalar settings of its own. */
export function laneOf(
  algorithm: Algorithm,
  problem: Problem,
  seed: number,
  change: Readonly<Record<string, unknown>> = scalars(algorithm, seed)
): Lane {
  const sizes = { hiddenSizes: [16, 16], batchSize: 8, dropout: 0.1, gradientSteps: 100 }
  const config = algorithm.schema.parse({ ...sizes, ...change })
  const state = algorithm.init(config, problem, seed)
  const actionWidth = problem.action.kind === 'discrete' ? problem.action.count : problem.action.size
  const derived = algorithm.derived?.(config, problem)?.widths ?? {}
  const width = (name: string): number => {
    if (/observations$/i.test(name)) return problem.observationSize
    return /actions$/i.test(name) ? actionWidth : 1
  }
  const columns = Object.fromEntries(
    algorithm.batchColumns(config, problem).map(name => [name, { width: derived[name] ?? width(name) }])
  )
  const program: Program = {
    ...{ id: algorithm.id, state: specsOf(state), columns, batchSize: config.batchSize },
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
  const data = Object.entries(columns).map(([name, { width }]) => {
    const own = name in derived ? `/${seed}` : ''
    return [name, columnOf(name, width, own, problem)] as const
  })
  return { program, state, columns: Object.fromEntries(data) }
}

function columnOf(name: string, width: number, own: string, problem: Problem): Float32Array {
  const data = normals([rows, width], `column/${name}${own}`)
  if (/^(nonTerminal|has)/.test(name)) return data.map(x => Number(x > -1))
  if (!/actions$/i.test(name)) return data
  const { action } = problem
  return data.map((x, i) =>
    action.kind === 'discrete' ? Number(i % action.count === (i * 7 + 3) % action.count) : Math.tanh(x)
  )
}

export const bc: Algorithm = algorithmById('bc')
export const iql: Algorithm = algorithmById('iql')

/** All five algorithms with both kinds of actions. */
export const laneCases = algorithms.flatMap(algorithm =>
  problems
    .filter(problem => algorithm.actions.includes(problem.action.kind))
    .map(problem => [`${algorithm.id}, ${problem.action.kind} actions`, algorithm, problem] as const)
)

/** Trains one lane by itself: metrics [steps, metrics] and the state. */
export async function trainAlone(engine: Engine, lane: Lane, request: RunRequest): Promise<Trained> {
  const session = await engine.compile(lane.program, { threads: 1 })
  await session.load(lane.state)
  await session.setColumns(lane.columns)
  const { metrics, finite } = await session.run(request)
  const state = await session.read()
  await session.close()
  return { metrics, finite, state }
}
