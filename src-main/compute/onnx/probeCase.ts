import type { Problem } from '../../algorithms/algorithm.ts'
import { iql } from '../../algorithms/iql.ts'
import { fillIntegers, fillNormal } from '../../base/random.ts'
import { type HostTensors, sizeOf, specsOf } from '../../base/tensors.ts'
import type { RunRequest } from '../engine.ts'
import type { Program } from '../program.ts'

/** A program with made-up data to try a provider with. */
export interface ProbeCase {
  readonly program: Program
  readonly state: HostTensors
  readonly columns: Readonly<Record<string, Float32Array>>
  /** Steps `from` to `from + steps`; the same step always gets the same numbers. */
  request(from: number, steps: number): RunRequest
}

const rows = 4096

/** IQL on a robot-sized problem: what the program trains most, with every kind of operation the others use. */
export function probeCase(hiddenSizes: readonly number[], batchSize: number): ProbeCase {
  const problem: Problem = {
    observationSize: 17,
    action: { kind: 'continuous', size: 6 },
    unboundedActions: false
  }
  const config = iql.schema.parse({ hiddenSizes, batchSize, gradientSteps: 1000 })
  const state = iql.init(config, problem, 1)
  const names = iql.batchColumns(config, problem)
  const widthOf = (name: string): number =>
    /observations$/i.test(name) ? 17 : /actions$/i.test(name) ? 6 : 1
  const program: Program = {
    id: 'trial',
    state: specsOf(state),
    columns: Object.fromEntries(names.map(name => [name, { width: widthOf(name) }])),
    batchSize,
    noise: iql.noise(config, problem),
    metrics: iql.metrics(config, problem),
    step: iql.update(config, problem)
  }
  const columns = Object.fromEntries(names.map(name => [name, columnOf(name, rows * widthOf(name))]))
  return { program, state, columns, request: (from, steps) => requestOf(program, from, steps) }
}

/** Normals, bounded for actions, mostly 1 for the flag that a state is not terminal. */
function columnOf(name: string, size: number): Float32Array {
  const data = new Float32Array(size)
  fillNormal(data, { seed: 1, stream: `trial/${name}`, step: 0 })
  if (/actions$/i.test(name)) return data.map(Math.tanh)
  return name === 'nonTerminal' ? data.map(value => Number(value > -2)) : data
}

function requestOf({ batchSize, noise: specs }: Program, from: number, steps: number): RunRequest {
  const indices = new Int32Array(steps * batchSize)
  const noise = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [name, new Float32Array(steps * sizeOf(shape))])
  )
  for (let i = 0; i < steps; i++) {
    const step = from + i
    fillIntegers(indices.subarray(i * batchSize, (i + 1) * batchSize), rows, {
      seed: 1,
      stream: 'batch',
      step
    })
    for (const [name, values] of Object.entries(noise)) {
      const size = values.length / steps
      fillNormal(values.subarray(i * size, (i + 1) * size), { seed: 1, stream: name, step })
    }
  }
  return { steps, indices, noise }
}
