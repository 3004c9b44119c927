import type { DynamicsCheck } from '../../../src-preload/contract/datasets.ts'
import { fromScalar, type Scalar } from '../../../src-preload/contract/values.ts'
import { countText } from './words.ts'

/** An error with two digits: `4.8e-7`, `0.085`. */
export function errorText(value: Scalar): string {
  const number = fromScalar(value)
  if (number === 0 || !Number.isFinite(number)) return String(number)
  return number < 1e-3 ? number.toExponential(1) : String(Number(number.toPrecision(2)))
}

/** The rows that could not be compared, as the end of a sentence; empty when there are none. */
export function leftOutText({ skipped }: Pick<DynamicsCheck, 'skipped'>): string {
  const parts = [
    [skipped.clipped, 'with clipped velocities'],
    [skipped.withoutNext, 'without a next observation'],
    [skipped.nonFinite, 'with values that are not finite']
  ] as const
  const said = parts.flatMap(([count, what]) => (count > 0 ? [`${countText(count)} ${what}`] : []))
  return said.length === 0 ? '' : `; rows left out: ${said.join(', ')}`
}
