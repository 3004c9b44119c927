import { type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import type { CompileOptions, Engine } from '../compute/engine.ts'
import type { PureFunction } from '../compute/program.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { Method } from './buildProgram.ts'
import { CompiledPolicy } from './compiledPolicy.ts'
import { withOutputNames } from './outputNames.ts'

/** Rows of a call of the value query: enough that a call costs little besides its products. */
export const valueRows = 256

/** The tensors of a state that acting and value queries need. */
export function policyTensors({ algorithm, config, problem }: Method, state: HostTensors): HostTensors {
  const names = algorithm.policyParameters(config, problem, specsOf(state))
  return Object.fromEntries(names.map(name => [name, state[name]]))
}

/** Acting as a compiled function: normalised observations [rows, O] to `actions` in [-1, 1] or `logits`. */
export function actFunction(method: Method, params: TensorSpecs, rows: number): PureFunction {
  const { algorithm, config, problem } = method
  return {
    id: `${algorithm.id}/act`,
    params,
    inputs: { observations: { shape: [rows, problem.observationSize], dtype: 'float32' } },
    outputs: [problem.action.kind === 'discrete' ? 'logits' : 'actions'],
    fn: algorithm.act(config, problem)
  }
}

/** The value query as a compiled function; null for methods without values. */
export async function valueFunction(
  method: Method,
  tensors: HostTensors,
  rows: number
): Promise<PureFunction | null> {
  const { algorithm, config, problem } = method
  const fn = algorithm.values?.(config, problem)
  if (!fn) return null
  const width = problem.action.kind === 'discrete' ? problem.action.count : problem.action.size
  const inputs: TensorSpecs = {
    observations: { shape: [rows, problem.observationSize], dtype: 'float32' },
    actions: { shape: [rows, width], dtype: 'float32' }
  }
  return withOutputNames({ id: `${algorithm.id}/values`, params: specsOf(tensors), inputs, fn }, tensors)
}

/**
 * Compiles acting and, where the algorithm has values, their query.
 * @param tensors the policy tensors of any state of the right shapes
 * @param rows of each call of `act`
 */
export async function compilePolicy(
  method: Method,
  normaliser: Normaliser,
  tensors: HostTensors,
  rows: number,
  engine: Engine,
  options: CompileOptions
): Promise<CompiledPolicy> {
  const values = await valueFunction(method, tensors, valueRows)
  const act = await engine.compileFunction(actFunction(method, specsOf(tensors), rows), options)
  const compiled = values && (await engine.compileFunction(values, options))
  return new CompiledPolicy(normaliser, act, compiled, valueRows)
}
