import type { ModelSpec } from './spec.ts'

/** Which version of Gym's robots: v2 (mujoco-py, D4RL's data), v4 or v5 (MuJoCo's own bindings). */
export type Variant = 'v2' | 'v4' | 'v5'

export const variants: readonly Variant[] = ['v2', 'v4', 'v5']

/** What a variant is, in one sentence for its page. */
export const variantSummary: Readonly<Record<Variant, string>> = {
  v2: 'Gym v2, as D4RL recorded it: capsules weigh as cylinders did before MuJoCo 2.1.2, and actions are clipped first.',
  v4: 'Gym and Gymnasium v4: exact capsules; the cost is of the action as given.',
  v5: 'Gymnasium v5: as v4, with its own rewards at the end of an episode and its observations.'
}

/** How capsules weigh in a variant. */
export const capsulesOf = (variant: Variant): ModelSpec['capsuleInertia'] =>
  variant === 'v2' ? 'cylinder' : 'exact'

/** `Hopper v2 (D4RL)` */
export const titleOf = (name: string, variant: Variant): string =>
  `${name} ${variant}${variant === 'v2' ? ' (D4RL)' : ''}`
