import { madeUpTraining, type MadeUpTraining } from '../../src-main/training/madeUp.ts'

/** What is measured. */
export interface Subject {
  readonly algorithm: string
  readonly hidden: readonly number[]
  readonly batchSize: number
}

/** Builds an algorithm's program for a locomotion robot with 17 observations and 6 actions, with made-up data. */
export function prepare({ algorithm, hidden, batchSize }: Subject): MadeUpTraining {
  return madeUpTraining({
    ...{ algorithm, hiddenSizes: hidden, batchSize },
    problem: { observationSize: 17, action: { kind: 'continuous', size: 6 }, unboundedActions: false }
  })
}
