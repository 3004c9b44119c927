/**
 * Discounted returns-to-go of one episode, R_t = r_t + discount R_{t+1}.
 * @param rewards [T]
 * @param bootstrap value of the state after the last step: 0 where the episode terminated, V(s_T) where it was cut off
 * @returns [T]
 */
export function returnsToGo(rewards: ArrayLike<number>, discount: number, bootstrap = 0): Float64Array {
  const returns = new Float64Array(rewards.length)
  let following = bootstrap
  for (let t = rewards.length - 1; t >= 0; t--) {
    following = rewards[t] + discount * following
    returns[t] = following
  }
  return returns
}

/** An episode whose estimated values are compared with what then happened. */
export interface EstimatedEpisode {
  /** [T] */
  readonly rewards: ArrayLike<number>
  /** Q(s_t, a_t) or V(s_t) in raw reward units, [T] */
  readonly estimates: ArrayLike<number>
  /** True where the episode terminated; a truncated one has an unknown rest and is cut as `usableSteps` says. */
  readonly terminated: boolean
}

/** How far estimated values are from realised discounted returns. */
export interface Calibration {
  readonly steps: number
  /** Mean of estimate - return; positive is overestimation. */
  readonly bias: number
  readonly rootMeanSquare: number
  readonly meanEstimate: number
  readonly meanReturn: number
}

/**
 * Steps of a truncated episode whose return is known well enough: the discarded rest weighs at most `tolerance`.
 * @param length T
 */
export function usableSteps(length: number, discount: number, terminated: boolean, tolerance = 0.05): number {
  if (terminated) return length
  if (discount >= 1) return 0
  return Math.max(0, length - Math.ceil(Math.log(tolerance) / Math.log(discount)))
}

/**
 * Compares estimated values with Monte-Carlo returns of the same policy. Steps near the end of truncated episodes are left
 * out, because their return is not known.
 * @returns NaN means where no step is usable
 */
export function calibrate(episodes: readonly EstimatedEpisode[], discount: number): Calibration {
  let [steps, error, squared, estimates, returns] = [0, 0, 0, 0, 0]
  for (const { rewards, estimates: values, terminated } of episodes) {
    const realised = returnsToGo(rewards, discount)
    const usable = usableSteps(rewards.length, discount, terminated)
    for (let t = 0; t < usable; t++) {
      const difference = values[t] - realised[t]
      steps++
      error += difference
      squared += difference * difference
      estimates += values[t]
      returns += realised[t]
    }
  }
  return {
    steps,
    bias: error / steps,
    rootMeanSquare: Math.sqrt(squared / steps),
    meanEstimate: estimates / steps,
    meanReturn: returns / steps
  }
}
