import type { DynamicsCheck } from '../../src-preload/contract/datasets.ts'
import { fromScalar, type Scalar } from '../../src-preload/contract/values.ts'

/** The version of a variant (`v4` of `hopper-v4`), or its id where it has none. */
export const variantWord = (id: string): string => /-(v\d+)$/.exec(id)?.[1] ?? id

/** Two digits at most: `3e-7`, `0.05`. */
function figure(value: Scalar): string {
  const number = fromScalar(value)
  if (number === 0 || !Number.isFinite(number)) return String(number)
  return Math.abs(number) < 1e-3
    ? number.toExponential(0).replace('e+', 'e')
    : String(Number(number.toPrecision(2)))
}

/** The check in one sentence for people. @param nearest the variant with the smallest error */
export function dynamicsSentence(check: Omit<DynamicsCheck, 'sentence'>, nearest: string): string {
  const near = check.variants.find(variant => variant.environmentId === nearest)!
  if (check.compared === 0)
    return 'the dynamics cannot be checked: no recorded step has a whole state and a next observation'
  const oneRobot =
    new Set(check.variants.map(variant => variant.environmentId.replace(/-v\d+$/, ''))).size === 1
  const word = (id: string) => (oneRobot ? variantWord(id) : id)
  if (check.fits === null)
    return `no variant fits: ${word(nearest)} comes nearest with a median error of ${figure(near.median)} (rounding floor ${figure(check.floor)}); scores of simulated rollouts may not be comparable`
  const others = check.variants
    .filter(variant => variant.fits && variant.environmentId !== check.fits)
    .map(variant => word(variant.environmentId))
  const same =
    others.length === 0
      ? ''
      : ` (${others.join(' and ')} ${others.length === 1 ? 'moves' : 'move'} the same way)`
  return `dynamics match ${word(check.fits)}${same}: median ${figure(near.median)} (rounding floor ${figure(check.floor)})`
}
