import { z } from 'zod'

/** Settings of a PPO run; defaults as in common practice for locomotion. */
export const ppoSettings = z.object({
  hiddenSizes: z.array(z.number().int().positive()).min(1).default([64, 64]),
  /** Environments that are stepped side by side. */
  lanes: z.number().int().positive().default(8),
  /** Environment steps between two updates of the policy, over all lanes. */
  rolloutSteps: z.number().int().positive().default(2048),
  /** Passes over these steps. */
  epochs: z.number().int().positive().default(10),
  minibatch: z.number().int().positive().default(64),
  learningRate: z.number().positive().default(3e-4),
  discount: z.number().min(0).max(1).default(0.99),
  lambda: z.number().min(0).max(1).default(0.95),
  clip: z.number().positive().default(0.2),
  maxGradientNorm: z.number().positive().default(0.5)
})
export type PpoSettings = z.infer<typeof ppoSettings>
