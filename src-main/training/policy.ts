import {
  fromPolicyActions,
  normaliseObservations,
  type Normaliser,
  toUnitActions
} from '../datasets/normaliser.ts'
import type { BatchPolicy } from '../evaluation/rollouts.ts'
import { type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import type { Callable, CompileOptions, Engine } from '../compute/engine.ts'
import type { PureFunction } from '../compute/program.ts'
import type { Method } from './buildProgram.ts'
import { withOutputNames } from './outputNames.ts'

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

async function valueFunction(
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

interface ValueQuery {
  readonly call: Callable
  readonly outputs: readonly string[]
}

/** A trained policy that takes raw observations and gives raw actions, for a fixed number of rows a call. */
export class CompiledPolicy implements BatchPolicy {
  readonly #act: Callable
  readonly #values: ValueQuery | null
  readonly #method: Method
  readonly #normaliser: Normaliser
  readonly values?: BatchPolicy['values']

  private constructor(method: Method, normaliser: Normaliser, act: Callable, values: ValueQuery | null) {
    this.#method = method
    this.#normaliser = normaliser
    this.#act = act
    this.#values = values
    if (values) this.values = (observations, actions) => this.#query(observations, actions)
  }

  /** Compiles acting and, where the algorithm has values, their query. @param state any state of the right shapes */
  static async compile(
    method: Method,
    normaliser: Normaliser,
    state: HostTensors,
    rows: number,
    engine: Engine,
    options: CompileOptions
  ): Promise<CompiledPolicy> {
    const tensors = policyTensors(method, state)
    const act = await engine.compileFunction(actFunction(method, specsOf(tensors), rows), options)
    const values = await valueFunction(method, tensors, rows)
    const query = values && { call: await engine.compileFunction(values, options), outputs: values.outputs }
    return new CompiledPolicy(method, normaliser, act, query)
  }

  /** Takes the parameters of a state. */
  async bind(state: HostTensors): Promise<void> {
    const tensors = policyTensors(this.#method, state)
    await this.#act.bind(tensors)
    await this.#values?.call.bind(tensors)
  }

  async act(observations: Float32Array): Promise<Float32Array> {
    const inputs = { observations: normaliseObservations(this.#normaliser, observations.slice()) }
    const outputs = await this.#act.call(inputs)
    return fromPolicyActions(this.#normaliser, (outputs.actions ?? outputs.logits) as Float32Array)
  }

  /** Values in raw reward units; a constant added to the rewards cannot be taken out and stays in. */
  async #query(observations: Float32Array, actions: Float32Array) {
    const inputs = {
      observations: normaliseObservations(this.#normaliser, observations.slice()),
      actions: toUnitActions(this.#normaliser, actions)
    }
    const outputs = (await this.#values?.call.call(inputs)) ?? {}
    const { scale } = this.#normaliser.rewards
    const raw = (name: string) =>
      ((outputs[name] as Float32Array | undefined) ?? null)?.map(value => value / scale)
    return { q: raw('q'), v: raw('v') }
  }

  async close(): Promise<void> {
    await this.#act.close()
    await this.#values?.call.close()
  }
}
