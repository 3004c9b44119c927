import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { provideCursor } from '../charts/cursor.ts'
import { axisOf, clockAt, stepOf, type ClockMode, type ReplayAxis } from './axis.ts'
import { useReplayClock, type ReplayClock } from './clock.ts'
import { endMarks, partingMarks, type Mark } from './marks.ts'
import { comparedOn, partingsOf, tolerances, type Parting, type Tolerance } from './parting.ts'
import type { Track } from './track.ts'

/** Everything that the parts of a replay show, moved by one clock. */
export interface Replay {
  readonly clock: ReplayClock
  readonly axis: ComputedRef<ReplayAxis>
  /** What is shown: the clock, or while it stands the place under the pointer in a strip; in steps of the longest episode. */
  readonly at: ComputedRef<number>
  /** Fractional step of each track there. */
  readonly steps: ComputedRef<readonly number[]>
  readonly tolerance: Ref<Tolerance>
  readonly partings: ComputedRef<readonly Parting[]>
  readonly partingMarks: ComputedRef<readonly Mark[]>
  readonly endMarks: ComputedRef<readonly Mark[]>
  /** Sends the clock to a step of one track. */
  readonly goTo: (track: Track, step: number) => void
  /** Sends it to the next place where a track parts, and from the last one to the first. */
  readonly nextParting: () => void
}

/** One cursor for the clock and the strips below the calling component: the pointer borrows it while the clock stands. */
function shareCursor(clock: ReplayClock, axis: () => ReplayAxis): ComputedRef<number> {
  const hovered = shallowRef<number | null>(null)
  const at = computed(() => {
    if (clock.playing.value || hovered.value === null) return clock.at.value
    return Math.max(0, Math.min(axis().length, hovered.value / axis().unit))
  })
  // Whatever moves the clock takes the cursor back.
  watch([clock.at, clock.playing], () => (hovered.value = null), { flush: 'sync' })
  provideCursor({
    x: computed({ get: () => at.value * axis().unit, set: x => (hovered.value = x) }),
    source: shallowRef<string | null>(null),
    quiet: true
  })
  return at
}

/**
 * The state of a replay for the life of the calling component.
 * @param tracks the episodes, reactive; new ones keep the clock where it is as far as they last
 * @param stepSeconds seconds of a step, null where there are none
 * @param mode where the clock's mode is kept
 */
export function useReplay(
  tracks: () => readonly Track[],
  stepSeconds: () => number | null,
  mode: Ref<ClockMode>
): Replay {
  const length = computed(() => Math.max(0, ...tracks().map(track => track.length)))
  const clock = useReplayClock({ length: () => length.value, stepSeconds, mode })
  const axis = computed(() => axisOf(mode.value, length.value, stepSeconds()))
  const at = shareCursor(clock, () => axis.value)
  const on = computed(() => comparedOn(tracks()))
  const tolerance = shallowRef<Tolerance>({ on: on.value, amount: 0.05 })
  watch(on, name => (tolerance.value = { on: name, amount: tolerances[name][1] ?? 0.05 }))
  watch(length, () => clock.seek(clock.at.value))

  const partings = computed(() => partingsOf(tracks(), tolerance.value))
  const marks = computed(() => partingMarks(tracks(), partings.value, axis.value))
  const nextParting = (): void => {
    const places = marks.value.map(mark => mark.at).sort((a, b) => a - b)
    const next = places.find(place => place > clock.at.value + 1e-9) ?? places[0]
    if (next !== undefined) clock.seek(next)
  }
  return {
    clock,
    axis,
    at,
    steps: computed(() => tracks().map(track => stepOf(axis.value, at.value, track))),
    tolerance,
    partings,
    partingMarks: marks,
    endMarks: computed(() => endMarks(tracks(), axis.value)),
    goTo: (track, step) => clock.seek(clockAt(axis.value, step, track)),
    nextParting
  }
}
