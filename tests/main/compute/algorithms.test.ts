import { expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { type HostTensors, specsOf } from '../../../src-main/base/tensors.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { Engine, Session } from '../../../src-main/compute/engine.ts'
import type { Program } from '../../../src-main/compute/program.ts'
import { describeCompiledEngines } from '../../support/engines.ts'
import { columnsFor, requestFor } from './programs.ts'

const rows = 64
const problems: readonly Problem[] = [
  { observationSize: 3, action: { kind: 'continuous', size: 2 }, unboundedActions: false },
  { observationSize: 3, action: { kind: 'discrete', count: 4 }, unboundedActions: false }
]

interface Case {
  readonly program: Program
  readonly state: HostTensors
  readonly columns: Record<string, Float32Array>
}

/** One algorithm on one kind of action, small; dropout on, so that noise is in use where there is any. */
function caseOf(algorithm: (typeof algorithms)[number], problem: Problem): Case {
  const config = algorithm.schema.parse({
    hiddenSizes: [16, 16],
    batchSize: 8,
    dropout: 0.1,
    gradientSteps: 100
  })
  const state = algorithm.init(config, problem, 3)
  const actionWidth = problem.action.kind === 'discrete' ? problem.action.count : problem.action.size
  const wide = new Set(['actions', 'nextActions'])
  const width = (name: string): number =>
    /observations$/i.test(name) ? problem.observationSize : wide.has(name) ? actionWidth : 1
  const derived = algorithm.derived?.(config, problem)?.widths ?? {}
  const names = algorithm.batchColumns(config, problem)
  const program: Program = {
    id: algorithm.id,
    state: specsOf(state),
    columns: Object.fromEntries(names.map(name => [name, { width: derived[name] ?? width(name) }])),
    batchSize: config.batchSize,
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
  return { program, state, columns: realistic(columnsFor(program, rows), problem) }
}

/** Flags of 0 and 1, and one-hot or bounded actions, from normals. */
function realistic(columns: Record<string, Float32Array>, problem: Problem): Record<string, Float32Array> {
  const action = (x: number, i: number): number =>
    problem.action.kind === 'discrete'
      ? Number(i % problem.action.count === (i * 7 + 3) % problem.action.count)
      : Math.tanh(x)
  const change = (name: string, data: Float32Array): Float32Array => {
    if (/actions$/i.test(name)) return data.map(action)
    return /^(nonTerminal|has)/.test(name) ? data.map(x => Number(x > -1)) : data
  }
  return Object.fromEntries(Object.entries(columns).map(([name, data]) => [name, change(name, data)]))
}

async function start(engine: Engine, { program, state, columns }: Case): Promise<Session> {
  const session = await engine.compile(program, { threads: 1 })
  await session.load(state)
  await session.setColumns(columns)
  return session
}

/** Runs `steps` steps from the start in calls of `perCall` steps. */
async function train(session: Session, one: Case, steps: number, perCall: number) {
  await session.load(one.state)
  const metrics: number[] = []
  for (let from = 0; from < steps; from += perCall) {
    const count = Math.min(perCall, steps - from)
    const result = await session.run(requestFor(one.program, rows, from, count))
    expect([...result.finite]).toEqual(new Array(count).fill(1))
    metrics.push(...result.metrics)
  }
  return { metrics, state: await session.read() }
}

/** The same in a session of its own. */
async function trainAnew(engine: Engine, one: Case, steps: number, perCall: number) {
  const session = await start(engine, one)
  const result = await train(session, one, steps, perCall)
  await session.close()
  return result
}

const cases = algorithms.flatMap(algorithm =>
  problems
    .filter(problem => algorithm.actions.includes(problem.action.kind))
    .map(problem => [`${algorithm.id}, ${problem.action.kind} actions`, caseOf(algorithm, problem)] as const)
)

describeCompiledEngines('training', engine => {
  test.each(cases)('%s: five steps agree with eager', async (_name, one) => {
    const expected = await trainAnew(eagerEngine, one, 5, 5)
    const actual = await trainAnew(engine, one, 5, 5)
    const { metrics } = one.program
    expected.metrics.forEach((value, i) => {
      const error = Math.abs(actual.metrics[i] - value) / Math.max(1, Math.abs(value))
      expect(
        error,
        `${metrics[i % metrics.length]} is ${actual.metrics[i]} instead of ${value}`
      ).toBeLessThan(1e-5)
    })
    for (const [name, { data }] of Object.entries(expected.state)) {
      data.forEach((value, i) => {
        const error = Math.abs(actual.state[name].data[i] - value) / Math.max(1, Math.abs(value))
        expect(error, `${name}[${i}]`).toBeLessThan(2e-5)
      })
    }
  })

  test.each(cases)(
    '%s: calls of 1, 7 and 50 steps and a repeated run give the same bits',
    async (_name, one) => {
      const session = await start(engine, one)
      const whole = await train(session, one, 50, 50)
      for (const perCall of [1, 7]) expect(await train(session, one, 50, perCall)).toEqual(whole)
      await session.close()
      expect(await trainAnew(engine, one, 50, 50)).toEqual(whole)
    }
  )
})
