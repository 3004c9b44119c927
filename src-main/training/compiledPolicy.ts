import type { HostTensors } from '../base/tensors.ts'
import type { Callable } from '../compute/engine.ts'
import { fromPolicyActions, normaliseObservations, toUnitActions } from '../datasets/normalise.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { BatchPolicy } from '../evaluation/rollouts.ts'

/**
 * A trained policy that takes raw observations and gives raw actions, for a fixed number of rows a call, one call at a time. Who loads this file
 * loads no engine and no algorithm: a simulator has only this.
 */
export class CompiledPolicy implements BatchPolicy {
  readonly #act: Callable
  readonly #values: Callable | null
  readonly #normaliser: Normaliser
  readonly values?: BatchPolicy['values']
  readonly valueRows?: number
  /** Observations as the networks see them, of the call under way. */
  #scaled = new Float32Array(0)

  /**
   * @param act normalised observations [rows, O] to `actions` in [-1, 1] or `logits`
   * @param values observations and actions to `q` and/or `v` in scaled reward units; null for methods without
   * @param valueRows rows of each call of `values`
   */
  constructor(normaliser: Normaliser, act: Callable, values: Callable | null, valueRows: number) {
    this.#normaliser = normaliser
    this.#act = act
    this.#values = values
    if (!values) return
    this.values = (observations, actions) => this.#query(values, observations, actions)
    this.valueRows = valueRows
  }

  /** Takes parameters: the policy tensors of a state. */
  async bind(tensors: HostTensors): Promise<void> {
    await this.#act.bind(tensors)
    await this.#values?.bind(tensors)
  }

  async act(observations: Float32Array): Promise<Float32Array> {
    const outputs = await this.#act.call({ observations: this.#normalised(observations) })
    return fromPolicyActions(this.#normaliser, (outputs.actions ?? outputs.logits) as Float32Array)
  }

  /** Values in raw reward units; a constant added to the rewards cannot be taken out and stays in. */
  async #query(values: Callable, observations: Float32Array, actions: Float32Array) {
    const inputs = {
      observations: this.#normalised(observations),
      actions: toUnitActions(this.#normaliser, actions)
    }
    const outputs = await values.call(inputs)
    const { scale } = this.#normaliser.rewards
    const raw = (name: string) => (outputs[name] as Float32Array | undefined)?.map(value => value / scale)
    return { q: raw('q'), v: raw('v') }
  }

  #normalised(observations: Float32Array): Float32Array {
    if (this.#normaliser.observations === null) return observations
    if (this.#scaled.length !== observations.length) this.#scaled = new Float32Array(observations.length)
    this.#scaled.set(observations)
    return normaliseObservations(this.#normaliser, this.#scaled)
  }

  async close(): Promise<void> {
    await this.#act.close()
    await this.#values?.close()
  }
}
