/** One lane of a rollout: rewards and values of its steps, and how each ended. */
export interface LaneSteps {
  /** [T] */
  readonly rewards: Float32Array
  /** V(s_t), [T] */
  readonly values: Float32Array
  /** V of the observation after step t where the episode was truncated there, or after the last step; else unused, [T] */
  readonly nextValues: Float32Array
  /** [T], 1 where step t ended its episode, terminated or truncated */
  readonly ended: Uint8Array
  /** [T], 1 where step t terminated its episode */
  readonly terminated: Uint8Array
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, equation 16): A_t = sum_k (gamma lambda)^k delta_{t+k} within the episode.
 * Truncated episodes and the end of the rollout bootstrap with the value of the observation that follows; terminations do not.
 * @returns advantages [T] and the value's targets A_t + V(s_t) [T]
 */
export function generalisedAdvantages(
  { rewards, values, nextValues, ended, terminated }: LaneSteps,
  discount: number,
  lambda: number
): { readonly advantages: Float32Array; readonly targets: Float32Array } {
  const count = rewards.length
  const advantages = new Float32Array(count)
  const targets = new Float32Array(count)
  let later = 0
  for (let t = count - 1; t >= 0; t--) {
    const cut = ended[t] === 1 || t === count - 1
    const next = terminated[t] === 1 ? 0 : cut ? nextValues[t] : values[t + 1]
    const delta = rewards[t] + discount * next - values[t]
    later = delta + (cut ? 0 : discount * lambda * later)
    advantages[t] = later
    targets[t] = later + values[t]
  }
  return { advantages, targets }
}
