import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

/** Playback position of a replay, in environment steps. */
export interface ReplayClock {
  readonly step: ShallowRef<number>
  readonly playing: ShallowRef<boolean>
  /** Environment steps a second. */
  readonly speed: ShallowRef<number>
  readonly loop: ShallowRef<boolean>
  toggle(): void
  seek(step: number): void
}

export const speeds = [2, 5, 10, 20, 50, 100, 200]

/** A clock that runs on animation frames between 0 and `length()`. */
export function useReplayClock(length: () => number): ReplayClock {
  const step = shallowRef(0)
  const playing = shallowRef(false)
  const speed = shallowRef(10)
  const loop = shallowRef(false)
  let last = 0
  let frame = 0

  const seek = (to: number): void => {
    step.value = Math.max(0, Math.min(length(), to))
  }
  const tick = (now: number): void => {
    const next = step.value + ((now - last) / 1000) * speed.value
    last = now
    if (next >= length()) {
      if (!loop.value) playing.value = false
      step.value = loop.value ? 0 : length()
    } else step.value = next
    if (playing.value) frame = requestAnimationFrame(tick)
  }
  const toggle = (): void => {
    playing.value = !playing.value
    cancelAnimationFrame(frame)
    if (!playing.value) return
    if (step.value >= length()) step.value = 0
    last = performance.now()
    frame = requestAnimationFrame(tick)
  }
  onScopeDispose(() => cancelAnimationFrame(frame))
  return { step, playing, speed, loop, toggle, seek }
}

/**
 * Keys of a replay: Space plays, arrows step (Shift: ten), Home and End jump, comma and period change speed, L loops.
 * @returns true when the key was one of them
 */
export function replayKey(clock: ReplayClock, event: KeyboardEvent, length: number): boolean {
  const stride = event.shiftKey ? 10 : 1
  const faster = (by: number): void => {
    const at = speeds.findIndex(speed => speed >= clock.speed.value)
    clock.speed.value = speeds[Math.max(0, Math.min(speeds.length - 1, at + by))] ?? 10
  }
  const actions: Record<string, () => void> = {
    ' ': () => clock.toggle(),
    ArrowLeft: () => clock.seek(Math.ceil(clock.step.value) - stride),
    ArrowRight: () => clock.seek(Math.floor(clock.step.value) + stride),
    Home: () => clock.seek(0),
    End: () => clock.seek(length),
    ',': () => faster(-1),
    '.': () => faster(1),
    l: () => {
      clock.loop.value = !clock.loop.value
    }
  }
  const action = actions[event.key]
  if (!action) return false
  action()
  return true
}
