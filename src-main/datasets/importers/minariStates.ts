import type { RobotStates } from '../dataset.ts'
import { type EpisodeStates, joinStates } from '../states.ts'
import { type Problem, warning } from './importer.ts'
import { fitStates, type RecordedStates } from './states.ts'

/** Collects the simulator states of episodes; a dataset has those of all its episodes, or none. */
export class MinariStates {
  readonly #episodes: EpisodeStates[] = []
  #sizes: Pick<RobotStates, 'positionSize' | 'velocitySize'> | null = null
  #missing = 0

  /** @param length steps of the episode */
  add(states: RecordedStates | null, length: number): void {
    this.#sizes ??= states
    const same =
      states?.positionSize === this.#sizes?.positionSize && states?.velocitySize === this.#sizes?.velocitySize
    const fitting = states !== null && same ? fitStates(states, length) : null
    if (fitting === null) this.#missing++
    else this.#episodes.push(fitting)
  }

  get problems(): Problem[] {
    return this.#missing === 0 || this.#sizes === null
      ? []
      : [
          warning(
            `infos/qpos and infos/qvel do not fit ${this.#missing} of ${this.#missing + this.#episodes.length} episodes; the states are not imported`
          )
        ]
  }

  finish(): RobotStates | null {
    return this.#missing > 0 || this.#sizes === null
      ? null
      : (joinStates(this.#episodes, {
          positionSize: this.#sizes.positionSize,
          velocitySize: this.#sizes.velocitySize
        }) ?? null)
  }
}
