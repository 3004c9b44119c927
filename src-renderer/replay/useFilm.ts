import { computed, type ComputedRef } from 'vue'
import type { SceneDescription } from '../../src-preload/contract/scene.ts'
import { useAppearance } from '../stores/appearance.ts'
import { stepOf, type ReplayAxis } from './axis.ts'
import type { ReplayLayout } from './layout.ts'
import type { CameraTurn } from './scene/camera.ts'
import { sceneColours } from './scene/colours.ts'
import type { FilmScene } from './scene/film/painter.ts'
import type { Track } from './track.ts'

interface Shown {
  /** Null while the picture is no robot's. */
  readonly scene: () => SceneDescription | null
  readonly tracks: () => readonly Track[]
  readonly layout: () => ReplayLayout
  readonly axis: () => ReplayAxis
  readonly turn: () => CameraTurn
  /** Of the clock: times real time. */
  readonly speed: () => number
}

/** The clock of a film in the words of the replay's own clock. */
function clockText(axis: ReplayAxis, at: number): string {
  if (axis.mode === 'time') return `${(at * axis.unit).toFixed(2)} s`
  return axis.mode === 'progress' ? `${Math.round(at * axis.unit)} %` : `step ${Math.floor(at + 1e-9)}`
}

/** What a saved film shows: the same tracks, layout, clock and speed as the replay. */
export function useFilm({ scene, tracks, layout, axis, turn, speed }: Shown): {
  readonly film: ComputedRef<FilmScene | null>
  readonly stepsPerSecond: ComputedRef<number>
} {
  const appearance = useAppearance()
  const film = computed<FilmScene | null>(() => {
    const shown = scene()
    if (shown === null) return null
    const [now, episodes] = [axis(), tracks()]
    return {
      scene: shown,
      tracks: episodes.map(track => ({ ...track, positions: track.positions ?? new Float32Array() })),
      layout: layout(),
      turn: turn(),
      colours: sceneColours(appearance.dark),
      stepsAt: at => episodes.map(track => stepOf(now, at, track)),
      clockText: at => clockText(now, at)
    }
  })
  return { film, stepsPerSecond: computed(() => speed() / (scene()?.stepSeconds ?? 1)) }
}
