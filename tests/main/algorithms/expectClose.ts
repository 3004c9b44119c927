import { expect } from 'vitest'
import { worstOf } from './errors.ts'

/** Expects |ours - golden| <= tolerance * max(1, |golden|) everywhere; the message names the worst place. */
export function expectClose(
  name: string,
  ours: ArrayLike<number>,
  golden: ArrayLike<number>,
  tolerance: number
): void {
  expect(ours.length, `${name}: length`).toBe(golden.length)
  const { error, at } = worstOf(ours, golden)
  const message = `${name}[${at}] is ${ours[at]}, the reference has ${golden[at]}: error ${error}`
  expect(error, message).toBeLessThanOrEqual(tolerance)
}
