/**
 * Measured references of our own environments: undiscounted mean return of uniform random actions (score 0) and of the
 * scripted expert in `controllers.ts` (score 100), with their sample standard deviations over `episodes` episodes.
 * `measureReference` in `evaluation/measure.ts` repeats them; a test compares.
 */
export interface MeasuredReference {
  readonly low: number
  readonly lowDeviation: number
  readonly high: number
  readonly highDeviation: number
  readonly episodes: number
  readonly expert: string
}

export const measuredReferences = {
  crossroads: {
    low: 0.01,
    lowDeviation: 0.0625,
    high: 1,
    highDeviation: 0,
    episodes: 1000,
    expert: 'waypoints S, C, G'
  },
  'crossroads-grid': {
    low: 0.2342,
    lowDeviation: 0.3599,
    high: 1,
    highDeviation: 0,
    episodes: 1000,
    expert: 'shortest way S, C, G'
  },
  pendulum: {
    low: -1225.77,
    lowDeviation: 283.84,
    high: -148.0,
    highDeviation: 92.04,
    episodes: 1000,
    expert: 'energy swing-up'
  },
  cartpole: {
    low: 22.565,
    lowDeviation: 12.889,
    high: 500,
    highDeviation: 0,
    episodes: 1000,
    expert: 'linear feedback'
  },
  'mountaincar-continuous': {
    low: -33.137,
    lowDeviation: 4.7,
    high: 95.726,
    highDeviation: 0.934,
    episodes: 1000,
    expert: '0.55 of full force along the velocity'
  }
} as const satisfies Record<string, MeasuredReference>

/** The reference as shown beside a score: both returns and where they come from. */
export function referenceOf(id: keyof typeof measuredReferences) {
  const { low, high, episodes, expert } = measuredReferences[id]
  const source = `random actions 0 (return ${low.toFixed(2)}), scripted expert 100 (${expert}, return ${high.toFixed(2)}); ${episodes} episodes each`
  return { low, high, source }
}
