/** The only place that asks the machine for the time, so that tests can set it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970: for people, never for durations. */
  now(): number
  /** Seconds from an arbitrary start; never runs backwards. */
  monotonicSeconds(): number
}

const systemClock: Clock = {
  // eslint-disable-next-line no-restricted-properties -- this is the one reader of the system clock
  now: () => Date.now(),
  monotonicSeconds: () => performance.now() / 1000
}

let clock = systemClock

/** Wall clock, in milliseconds since 1970. */
export const now = (): number => clock.now()

/** Monotonic time, in seconds from an arbitrary start. */
export const monotonicSeconds = (): number => clock.monotonicSeconds()

/** Replaces the clock (tests only); null restores the system's. */
export function setClock(replacement: Clock | null): void {
  clock = replacement ?? systemClock
}
