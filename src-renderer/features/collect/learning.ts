import type { BehaviourInfo } from '../../../src-preload/contract/collect.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import type { ChartSpec } from '../../charts/types.ts'

/** What the form of a training asks for. */
export interface TrainRequest {
  readonly environmentId: string
  readonly steps: number
  readonly seed: number
}

/** Return of the mean actions by environment steps, with a band of one standard deviation; values that are not finite are marked. */
export function learningSpec({ id, steps, checkpoints }: BehaviourInfo, colour: string): ChartSpec {
  const rows = checkpoints.map(({ steps: x, meanReturn, standardDeviation }) => ({
    x,
    y: fromScalar(meanReturn),
    deviation: fromScalar(standardDeviation)
  }))
  const finite = rows.filter(({ y }) => Number.isFinite(y))
  const other = rows.filter(({ y }) => !Number.isFinite(y))
  const edge = (sign: number): Float64Array =>
    Float64Array.from(finite, ({ y, deviation }) => y + sign * (Number.isFinite(deviation) ? deviation : 0))
  return {
    lines: [
      {
        id,
        name: 'return',
        colour,
        x: Float64Array.from(finite, ({ x }) => x),
        y: Float64Array.from(finite, ({ y }) => y),
        band: { low: edge(-1), high: edge(1) },
        nonFinite: {
          x: Float64Array.from(other, ({ x }) => x),
          values: Float64Array.from(other, ({ y }) => y)
        }
      }
    ],
    xName: 'Environment step',
    xRange: [0, Math.max(steps, checkpoints.at(-1)?.steps ?? 0)]
  }
}

/** What state a behaviour is in, in words: `training, 40,960 of 600,000 steps`. */
export function stateText({ state, lived, steps, reason }: BehaviourInfo): string {
  const count = (value: number): string => value.toLocaleString('en-US')
  if (state === 'failed') return `failed: ${reason ?? 'no reason was kept'}`
  if (state === 'training') return `training, ${count(lived)} of ${count(steps)} steps`
  const far = lived < steps ? `${count(lived)} of ${count(steps)}` : count(lived)
  return `${state} after ${far} steps`
}

/** A whole number in a range from what was typed, or null. */
export function wholeNumber(text: string, low: number, high: number): number | null {
  const plain = text.replace(/[,\s_]/g, '')
  if (!/^\d+$/.test(plain)) return null
  const value = Number(plain)
  return value >= low && value <= high ? value : null
}
