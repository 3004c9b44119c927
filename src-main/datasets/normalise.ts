/** A fitted normaliser applied to rows; apart from its fitting, so that a simulator loads nothing else. */
import type { Normaliser } from './normaliser.ts'

/** Normalises rows of observations in place. @param observations [B, O] */
export function normaliseObservations(normaliser: Normaliser, observations: Float32Array): Float32Array {
  const fit = normaliser.observations
  if (fit === null) return observations
  const size = fit.mean.length
  for (let at = 0; at < observations.length; at++)
    observations[at] = (observations[at] - fit.mean[at % size]) / fit.scale[at % size]
  return observations
}

/** Raw actions as training sees them: [B, A] in [-1, 1], or one-hot [B, count]. */
export function toUnitActions(normaliser: Normaliser, actions: Float32Array): Float32Array {
  const map = normaliser.actions
  if (map.kind === 'discrete') {
    const rows = new Float32Array(actions.length * map.count)
    for (let row = 0; row < actions.length; row++) rows[row * map.count + actions[row]] = 1
    return rows
  }
  const size = map.low.length
  return actions.map((action, at) => {
    const unit = (2 * (action - map.low[at % size])) / (map.high[at % size] - map.low[at % size]) - 1
    return map.clip ? Math.min(1, Math.max(-1, unit)) : unit
  })
}

/** Raw actions from a policy's: [B, A] of [-1, 1] to the bounds, or the argmax of logits [B, count] counted from 0. */
export function fromPolicyActions(normaliser: Normaliser, outputs: Float32Array): Float32Array {
  const map = normaliser.actions
  if (map.kind === 'discrete') return argmaxRows(outputs, map.count)
  const size = map.low.length
  return outputs.map((output, at) => {
    const unit = map.clip ? Math.min(1, Math.max(-1, output)) : output
    return map.low[at % size] + ((unit + 1) / 2) * (map.high[at % size] - map.low[at % size])
  })
}

function argmaxRows(values: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: values.length / width }, (_, row) => {
    let best = 0
    for (let i = 1; i < width; i++) if (values[row * width + i] > values[row * width + best]) best = i
    return best
  })
}
