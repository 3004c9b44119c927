import { createHash } from 'node:crypto'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import type { Environment } from '../../../../src-main/environments/environment.ts'
import { randomAction } from './prepared.ts'

/** An episode under random actions that begins anew when it ends, and a hash of all its states. */
export class HashedSteps {
  readonly #environment: Environment
  readonly #state: Float64Array
  readonly #random: RandomSequence
  readonly #hash = createHash('sha256')

  constructor(environment: Environment, seed: number) {
    this.#environment = environment
    this.#state = new Float64Array(environment.stateSize)
    this.#random = new RandomSequence(seed, 'hashed steps')
    environment.reset(this.#state, this.#random)
  }

  take(steps: number): this {
    for (let step = 0; step < steps; step++) {
      const action = randomAction(this.#environment, this.#random)
      const { terminated } = this.#environment.step(this.#state, action, this.#random)
      this.#hash.update(this.#state)
      if (terminated) this.#environment.reset(this.#state, this.#random)
    }
    return this
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
}
