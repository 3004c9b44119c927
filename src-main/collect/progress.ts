import { monotonicSeconds } from '../base/clock.ts'
import type { FromTraining } from './messages.ts'

/** Seconds between two messages, and those over which speed is measured. */
const every = 1
const window = 20

/** Turns what a training says after each piece of work into messages, at most one a second, with its present speed. */
export function createProgress(
  send: (message: FromTraining) => void
): (progress: { readonly lived: number; readonly recentReturn: number | null }) => void {
  let places: { readonly lived: number; readonly at: number }[] = []
  let told = -Infinity
  return ({ lived, recentReturn }) => {
    const at = monotonicSeconds()
    places = [...places.filter(place => at - place.at <= window), { lived, at }]
    if (at - told < every || places.length < 2) return
    told = at
    const stepsPerSecond = (lived - places[0].lived) / (at - places[0].at)
    send({ kind: 'progress', lived, stepsPerSecond, recentReturn })
  }
}
