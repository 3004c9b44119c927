import type { Environment } from '../../../src-main/environments/environment.ts'

/** A point on a line that is paid for being near zero: what to do is plain after a few thousand steps. */
export const line: Environment = {
  id: 'line',
  info: {
    ...{ id: 'line', title: 'Line', summary: '', domain: 'test', map: null, hasScene: false },
    ...{ observationNames: ['x'], actionNames: ['push'], maxSteps: 20, scoreReference: null }
  },
  observationSize: 1,
  actions: { kind: 'continuous', size: 1, low: [-1], high: [1] },
  stateSize: 1,
  maxSteps: 20,
  reset: (state, random) => {
    state[0] = random.uniform(-1, 1)
  },
  observe: (state, observation) => {
    observation[0] = state[0]
  },
  step: (state, action) => {
    state[0] += 0.3 * Math.min(Math.max(action[0], -1), 1)
    return { reward: -Math.abs(state[0]), terminated: false }
  },
  outcome: () => 'time'
}

/** A learner that begins has lived nothing. */
export async function* nothing(): AsyncGenerator<never> {
  // Ends at once.
}
