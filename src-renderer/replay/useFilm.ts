import { computed, type ComputedRef } from 'vue'
import type { SceneDescription } from '../../src-preload/contract/scene.ts'
import { useAppearance } from '../stores/appearance.ts'
import { stepOf, type ReplayAxis } from './axis.ts'
import type { ReplayLayout } from './layout.ts'
import type { ReplayMap } from './mapPaths.ts'
import type { CameraTurn } from './scene/camera.ts'
import { sceneColours } from './scene/colours.ts'
import { mapColours } from './scene/film/mapColours.ts'
import type { FilmClock, FilmScene } from './scene/film/subject.ts'
import { sceneTracks } from './sceneTracks.ts'
import type { Track } from './track.ts'

interface Shown {
  /** What the picture is of; null without a picture. */
  readonly subject: () => SceneDescription | ReplayMap | null
  readonly tracks: () => readonly Track[]
  readonly layout: () => ReplayLayout
  readonly axis: () => ReplayAxis
  readonly turn: () => CameraTurn
  /** Of the clock: times real time, or steps a second where a step has no seconds. */
  readonly speed: () => number
  readonly stepSeconds: () => number | null
}

/** The clock of a film in the words of the replay's own clock. */
function clockText(axis: ReplayAxis, at: number): string {
  if (axis.mode === 'time') return `${(at * axis.unit).toFixed(2)} s`
  return axis.mode === 'progress' ? `${Math.round(at * axis.unit)} %` : `step ${Math.floor(at + 1e-9)}`
}

/** What a saved film shows: the same tracks, layout, clock and speed as the replay. */
export function useFilm({ subject, tracks, layout, axis, turn, speed, stepSeconds }: Shown): {
  readonly film: ComputedRef<FilmScene | null>
  readonly stepsPerSecond: ComputedRef<number>
} {
  const appearance = useAppearance()
  const film = computed<FilmScene | null>(() => {
    const shown = subject()
    if (shown === null) return null
    const [now, episodes] = [axis(), tracks()]
    const clock: FilmClock = {
      stepsAt: at => episodes.map(track => stepOf(now, at, track)),
      clockText: at => clockText(now, at)
    }
    const common = { ...clock, layout: layout() }
    if ('shapes' in shown)
      return { kind: 'map', map: shown, tracks: episodes, colours: mapColours(appearance.dark), ...common }
    const colours = sceneColours(appearance.dark)
    return { kind: 'robots', scene: shown, tracks: sceneTracks(episodes), colours, turn: turn(), ...common }
  })
  return { film, stepsPerSecond: computed(() => speed() / (stepSeconds() ?? 1)) }
}
