import type { Precision } from '../../../src-preload/contract/precision.ts'
import type { Algorithm, NoiseSpecs, Problem } from '../../../src-main/algorithms/algorithm.ts'
import type { SharedConfig } from '../../../src-main/algorithms/config.ts'
import { fillNormal, fillUniform } from '../../../src-main/base/random.ts'
import { type HostTensors, sizeOf, specsOf } from '../../../src-main/base/tensors.ts'
import type { Engine, RunResult } from '../../../src-main/compute/engine.ts'
import type { Program } from '../../../src-main/compute/program.ts'

/** Resident columns with their widths, as a training view has them. */
export type Columns = Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>

export const continuous: Problem = {
  observationSize: 3,
  action: { kind: 'continuous', size: 2 },
  unboundedActions: false
}
export const discrete: Problem = {
  observationSize: 3,
  action: { kind: 'discrete', count: 4 },
  unboundedActions: false
}

/** The training program of an algorithm over given columns. */
export function programOf<C extends SharedConfig>(
  algorithm: Algorithm<C>,
  config: C,
  problem: Problem,
  state: HostTensors,
  columns: Columns
): Program {
  const names = algorithm.batchColumns(config, problem)
  return {
    id: algorithm.id,
    state: specsOf(state),
    columns: Object.fromEntries(names.map(name => [name, { width: columns[name].width }])),
    batchSize: config.batchSize,
    noise: algorithm.noise(config, problem),
    metrics: algorithm.metrics(config, problem),
    step: algorithm.update(config, problem)
  }
}

/** Noise of `steps` steps from the first one on, as training draws it. */
export function drawNoise(
  specs: NoiseSpecs,
  seed: number,
  first: number,
  steps: number
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, distribution }]) => {
      const size = sizeOf(shape)
      const values = new Float32Array(steps * size)
      for (let i = 0; i < steps; i++) {
        const fill = distribution === 'normal' ? fillNormal : fillUniform
        fill(values.subarray(i * size, (i + 1) * size), { seed, stream: `noise/${name}`, step: first + i })
      }
      return [name, values]
    })
  )
}

/** What `steps` updates yield, run in calls of at most `perCall` steps. */
export async function train(
  engine: Engine,
  program: Program,
  state: HostTensors,
  columns: Columns,
  indices: Int32Array,
  noise: Readonly<Record<string, Float32Array>>,
  perCall: number,
  precision: Precision = 'float32'
): Promise<{ state: HostTensors; metrics: Readonly<Record<string, Float32Array>>; finite: Uint8Array }> {
  const steps = indices.length / program.batchSize
  const session = await engine.compile(program, { threads: 1, precision })
  await session.load(state)
  await session.setColumns(
    Object.fromEntries(Object.keys(program.columns).map(name => [name, columns[name].data]))
  )
  const results: RunResult[] = []
  for (let first = 0; first < steps; first += perCall) {
    const count = Math.min(perCall, steps - first)
    const slice = (values: Float32Array, size: number) => values.slice(first * size, (first + count) * size)
    results.push(
      await session.run({
        steps: count,
        indices: indices.slice(first * program.batchSize, (first + count) * program.batchSize),
        noise: Object.fromEntries(
          Object.entries(program.noise).map(([name, { shape }]) => [name, slice(noise[name], sizeOf(shape))])
        )
      })
    )
  }
  const final = await session.read()
  await session.close()
  const flat = results.flatMap(result => [...result.metrics])
  const width = program.metrics.length
  return {
    state: final,
    metrics: Object.fromEntries(
      program.metrics.map((name, i) => [
        name,
        Float32Array.from({ length: steps }, (_, step) => flat[step * width + i])
      ])
    ),
    finite: Uint8Array.from(results.flatMap(result => [...result.finite]))
  }
}

/**
 * Columns of random transitions for a problem, all that any algorithm reads; one row in four ends its episode.
 * Discrete actions are one-hot.
 */
export function randomColumns(problem: Problem, rows: number): Columns {
  const column = (name: string, width: number): { width: number; data: Float32Array } => {
    const data = new Float32Array(rows * width)
    fillNormal(data, { seed: 11, stream: `test/${name}`, step: 0 })
    return { width, data: data.map(Math.tanh) }
  }
  const { action } = problem
  const width = action.kind === 'continuous' ? action.size : action.count
  const actions = (name: string, shift: number) => {
    if (action.kind === 'continuous') return column(name, width)
    const data = new Float32Array(rows * width)
    for (let row = 0; row < rows; row++) data[row * width + ((row * row + shift) % width)] = 1
    return { width, data }
  }
  const flags = (value: (row: number) => number) => ({
    width: 1,
    data: Float32Array.from({ length: rows }, (_, row) => value(row))
  })
  return {
    observations: column('observations', problem.observationSize),
    actions: actions('actions', 0),
    rewards: column('rewards', 1),
    nextObservations: column('nextObservations', problem.observationSize),
    nextActions: actions('nextActions', 1),
    nonTerminal: flags(row => (row % 4 === 3 ? 0 : 1)),
    hasNextAction: flags(row => (row % 4 >= 2 ? 0 : 1)),
    hasNextObservation: flags(() => 1),
    returns: column('returns', 1),
    advantageCentre: flags(() => 0.2),
    advantageScale: flags(() => 0.7)
  }
}
