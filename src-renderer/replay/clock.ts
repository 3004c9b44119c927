import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { clockModes, type ClockMode } from './axis.ts'

/** Playback position of a replay. */
export interface ReplayClock {
  /** Steps of the longest episode, fractional while it plays. */
  readonly at: ShallowRef<number>
  readonly playing: ShallowRef<boolean>
  readonly mode: Ref<ClockMode>
  readonly loop: ShallowRef<boolean>
  /** Of `speeds`: times real time where a step has seconds, else steps a second. */
  readonly speed: ShallowRef<number>
  readonly speeds: ComputedRef<readonly number[]>
  readonly modes: ComputedRef<readonly ClockMode[]>
  readonly toggle: () => void
  /** Goes there; playing goes on. */
  readonly seek: (at: number) => void
  /** Whole steps back or on, and pauses. */
  readonly stride: (steps: number) => void
  readonly setSpeed: (speed: number) => void
  /** The next (1) or previous (-1) speed. */
  readonly faster: (by: number) => void
  readonly setMode: (mode: ClockMode) => void
  readonly nextMode: () => void
  readonly toggleLoop: () => void
}

export const realTimeSpeeds: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 5, 10]
export const stepSpeeds: readonly number[] = [2, 5, 10, 20, 50, 100, 200]

export interface ClockOptions {
  /** Steps of the longest episode. */
  readonly length: () => number
  /** Seconds of a step; null where the environment has no seconds. */
  readonly stepSeconds: () => number | null
  /** Where the mode is kept; its own place when left out. */
  readonly mode?: Ref<ClockMode>
}

/** Calls `advance` with the seconds since the last frame, from `start` until `stop` or until it answers false. */
function frames(advance: (seconds: number) => boolean): {
  readonly start: () => void
  readonly stop: () => void
} {
  let last = 0
  let frame = 0
  const tick = (now: number): void => {
    const seconds = Math.max(0, now - last) / 1000
    last = now
    if (advance(seconds)) frame = requestAnimationFrame(tick)
  }
  return {
    start: () => {
      last = performance.now()
      frame = requestAnimationFrame(tick)
    },
    stop: () => cancelAnimationFrame(frame)
  }
}

/** A clock that runs on animation frames between 0 and `length()`. */
export function useReplayClock({ length, stepSeconds, ...kept }: ClockOptions): ReplayClock {
  const at = shallowRef(0)
  const playing = shallowRef(false)
  const mode = kept.mode ?? shallowRef<ClockMode>('step')
  const loop = shallowRef(false)
  const speeds = computed(() => (stepSeconds() === null ? stepSpeeds : realTimeSpeeds))
  const usual = (): number => (stepSeconds() === null ? 10 : 1)
  const speed = shallowRef(usual())
  const modes = computed(() => clockModes.filter(name => name !== 'time' || stepSeconds() !== null))
  watch(stepSeconds, () => (speed.value = usual()))

  const seek = (to: number): void => {
    at.value = Math.max(0, Math.min(length(), to))
  }
  const player = frames(seconds => {
    const next = at.value + (seconds * speed.value) / (stepSeconds() ?? 1)
    if (next >= length()) playing.value = loop.value && length() > 0
    seek(next >= length() && playing.value ? 0 : next)
    return playing.value
  })
  const pause = (): void => {
    playing.value = false
    player.stop()
  }
  const toggle = (): void => {
    if (playing.value || length() === 0) return pause()
    playing.value = true
    if (at.value >= length()) at.value = 0
    player.start()
  }
  const stride = (steps: number): void => {
    pause()
    seek((steps < 0 ? Math.ceil(at.value) : Math.floor(at.value)) + steps)
  }
  const faster = (by: number): void => {
    const index = speeds.value.findIndex(entry => entry >= speed.value)
    speed.value = speeds.value[Math.max(0, Math.min(speeds.value.length - 1, index + by))] ?? usual()
  }
  const nextMode = (): void => {
    const index = modes.value.indexOf(mode.value)
    mode.value = modes.value[(index + 1) % modes.value.length] ?? 'step'
  }
  onScopeDispose(pause)
  const state = { at, playing, mode, loop, speed, speeds, modes }
  const setSpeed = (value: number): number => (speed.value = value)
  const setMode = (name: ClockMode): ClockMode => (mode.value = name)
  const toggleLoop = (): boolean => (loop.value = !loop.value)
  return { ...state, toggle, seek, stride, setSpeed, faster, setMode, nextMode, toggleLoop }
}

/** A speed in words: `0.5×` of real time, or `10 steps/s`. */
export const speedText = (speed: number, stepSeconds: number | null): string =>
  stepSeconds === null ? `${speed} steps/s` : `${speed}×`
