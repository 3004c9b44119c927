/** The longest an engine call may last: the process answers pause and stop, and says that it lives, between calls. */
const longestCallSeconds = 0.2
const mostSteps = 4096

/**
 * K for the next call, from what the last one took. It grows at most fourfold, because the first call of a session is
 * slower than the rest; results do not depend on it.
 */
export function adaptCallSteps(steps: number, seconds: number): number {
  const fitting = Math.floor((longestCallSeconds * steps) / Math.max(seconds, 1e-9))
  return Math.max(1, Math.min(fitting, steps * 4, mostSteps))
}
