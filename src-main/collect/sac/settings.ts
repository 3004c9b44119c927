import { z } from 'zod'

/** Settings of a SAC run; defaults are those of its paper's second version but for the lanes. */
export const sacSettings = z
  .object({
    hiddenSizes: z.array(z.number().int().positive()).min(1).default([256, 256]),
    /** Environments that are stepped side by side. */
    lanes: z.number().int().positive().default(4),
    /** Environment steps between two calls of the updates, over all lanes; as many gradient steps follow. */
    updateEvery: z.number().int().positive().default(64),
    batch: z.number().int().positive().default(256),
    /** Environment steps of uniform random actions before the first update. */
    startSteps: z.number().int().nonnegative().default(5_000),
    /** Transitions that are kept to learn from. */
    capacity: z.number().int().positive().default(1_000_000),
    learningRate: z.number().positive().default(3e-4),
    discount: z.number().min(0).max(1).default(0.99),
    targetRate: z.number().positive().max(1).default(0.005)
  })
  .refine(({ capacity, updateEvery, lanes }) => capacity % lanes === 0 && updateEvery % lanes === 0, {
    message: 'the capacity and the steps between updates are multiples of the lanes'
  })
export type SacSettings = z.infer<typeof sacSettings>
