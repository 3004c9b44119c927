import type { Track } from './track.ts'

/** What two tracks are compared on, and how far apart counts as parted. */
export interface Tolerance {
  readonly on: 'positions' | 'observations'
  /** Positions: metres or radians. Observations: share of the first track's range of each dimension. */
  readonly amount: number
}

/** How a track relates to the first one. */
export type Parting =
  | { readonly kind: 'first' }
  /** Both start alike; `step` is the first at which they are apart, null when they never are. */
  | { readonly kind: 'same start'; readonly step: number | null }
  /** `gap`: the largest difference of any number at the start. */
  | { readonly kind: 'other start'; readonly gap: number }
  /** Their states have nothing in common. */
  | { readonly kind: 'other environment' }

/** Rounding of float32 records; a start differs beyond it. */
const startTolerance = 1e-5

interface States {
  readonly values: Float64Array | Float32Array
  readonly width: number
}

const statesOf = (track: Track, on: Tolerance['on']): States =>
  on === 'positions' && track.positions
    ? { values: track.positions, width: track.positionSize }
    : { values: track.observations, width: track.observationSize }

/** What tracks can be compared on: positions when all of them have some, else observations. */
export const comparedOn = (tracks: readonly Track[]): Tolerance['on'] =>
  tracks.length > 0 && tracks.every(track => track.positions !== null) ? 'positions' : 'observations'

/** The tolerances that a person may choose from, the usual one in the middle. */
export const tolerances: Readonly<Record<Tolerance['on'], readonly number[]>> = {
  positions: [0.01, 0.05, 0.25],
  observations: [0.01, 0.05, 0.2]
}

/** A tolerance in words: `0.05 m or rad`, `5 % of its range`. */
export const toleranceText = ({ on, amount }: Tolerance): string =>
  on === 'positions' ? `${amount} m or rad` : `${Math.round(amount * 100)} % of its range`

function limitsOf({ values, width }: States, { on, amount }: Tolerance): Float64Array {
  const limits = new Float64Array(width).fill(amount)
  if (on === 'positions') return limits
  for (let d = 0; d < width; d++) {
    let low = Infinity
    let high = -Infinity
    for (let i = d; i < values.length; i += width) {
      low = Math.min(low, values[i] ?? Infinity)
      high = Math.max(high, values[i] ?? -Infinity)
    }
    limits[d] = amount * Math.max(1e-6, high - low)
  }
  return limits
}

/** The largest difference between the first rows of two tracks, over observations and what `on` names. */
function startGap(first: Track, other: Track, on: Tolerance['on']): number {
  let gap = 0
  for (const name of new Set<Tolerance['on']>([on, 'observations'])) {
    const [a, b] = [statesOf(first, name), statesOf(other, name)]
    for (let d = 0; d < a.width; d++) {
      const size = Math.max(1, Math.abs(a.values[d] ?? 0))
      const difference = Math.abs((a.values[d] ?? NaN) - (b.values[d] ?? NaN))
      if (!(difference <= startTolerance * size)) gap = Math.max(gap, difference)
    }
  }
  return gap
}

/**
 * When `other` leaves `first`: the first step at which any position (or observation) differs by more than the tolerance.
 * @returns what is known of the two; a number that is not finite counts as apart
 */
export function partingOf(first: Track, other: Track, tolerance: Tolerance): Parting {
  const [a, b] = [statesOf(first, tolerance.on), statesOf(other, tolerance.on)]
  if (a.width !== b.width || first.observationSize !== other.observationSize)
    return { kind: 'other environment' }
  const gap = startGap(first, other, tolerance.on)
  if (gap !== 0) return { kind: 'other start', gap }
  const limits = limitsOf(a, tolerance)
  const steps = Math.min(first.length, other.length)
  for (let t = 0; t <= steps; t++)
    for (let d = 0; d < a.width; d++) {
      const at = t * a.width + d
      const difference = Math.abs((a.values[at] ?? NaN) - (b.values[at] ?? NaN))
      if (!(difference <= (limits[d] ?? 0))) return { kind: 'same start', step: t }
    }
  return { kind: 'same start', step: null }
}

/** One entry a track: how each relates to the first. */
export const partingsOf = (tracks: readonly Track[], tolerance: Tolerance): Parting[] =>
  tracks.map((track, i) =>
    i === 0 || !tracks[0] ? { kind: 'first' } : partingOf(tracks[0], track, tolerance)
  )
