import { adaptCallSteps } from './callSteps.ts'

/** K of several runs whose calls are made together: from how long the calls themselves last, not from waiting for each other. */
export class CommonPace {
  #callSteps = 1

  /** Steps that each run asks for next. */
  get callSteps(): number {
    return this.#callSteps
  }

  /** A call of all runs ended; one that was cut short by a boundary says nothing. */
  called(steps: number, seconds: number): void {
    if (steps >= this.#callSteps) this.#callSteps = adaptCallSteps(steps, seconds)
  }
}
