import { clockAt, type ReplayAxis } from './axis.ts'
import type { Parting } from './parting.ts'
import type { Track } from './track.ts'

/** A place on the scrubber, in steps of the longest episode. */
export interface Mark {
  readonly id: string
  readonly at: number
  readonly colour: string
  readonly text: string
}

/** Where tracks leave the first one. Under progress the place is that of the track that leaves. */
export const partingMarks = (
  tracks: readonly Track[],
  partings: readonly Parting[],
  axis: ReplayAxis
): Mark[] =>
  tracks.flatMap((track, i) => {
    const parting = partings[i]
    if (parting?.kind !== 'same start' || parting.step === null) return []
    return [
      {
        id: track.id,
        at: clockAt(axis, parting.step, track),
        colour: track.colour,
        text: `${track.name} parts from ${tracks[0]?.name ?? ''} at step ${parting.step}`
      }
    ]
  })

/** Where tracks end before the longest does. */
export const endMarks = (tracks: readonly Track[], axis: ReplayAxis): Mark[] =>
  tracks
    .map(track => ({
      id: track.id,
      at: clockAt(axis, track.length, track),
      colour: track.colour,
      text: `${track.name} ends${track.outcome ? ` (${track.outcome})` : ''} at step ${track.length}`
    }))
    .filter(mark => mark.at < axis.length)
