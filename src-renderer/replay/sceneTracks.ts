import type { Track } from './track.ts'

/** Tracks as a picture of robots takes them; one without positions has none to draw. */
export const sceneTracks = (tracks: readonly Track[]) =>
  tracks.map(({ id, name, colour, positions, positionSize, length, goal }) => ({
    id,
    name,
    colour,
    positions: positions ?? new Float32Array(),
    positionSize,
    length,
    goal
  }))
