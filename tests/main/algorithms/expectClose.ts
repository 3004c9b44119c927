import { expect } from 'vitest'

/** Expects |ours - golden| <= tolerance * max(1, |golden|) everywhere; the message names the worst place. */
export function expectClose(
  name: string,
  ours: ArrayLike<number>,
  golden: ArrayLike<number>,
  tolerance: number
): void {
  expect(ours.length, `${name}: length`).toBe(golden.length)
  let worst = 0
  let at = 0
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(ours[i] - golden[i]) / Math.max(1, Math.abs(golden[i]))
    if (!(error <= worst)) [worst, at] = [error, i]
  }
  const message = `${name}[${at}] is ${ours[at]}, the reference has ${golden[at]}: error ${worst}`
  expect(worst, message).toBeLessThanOrEqual(tolerance)
}
