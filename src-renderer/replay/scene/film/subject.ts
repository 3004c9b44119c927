import type { MapFilm } from './mapPicture.ts'
import type { RobotFilm } from './painter.ts'

/** How the clock of a film moves what it shows. */
export interface FilmClock {
  /** Fractional step of each track at a clock, in steps of the longest episode. */
  readonly stepsAt: (at: number) => readonly number[]
  /** The clock in words. */
  readonly clockText: (at: number) => string
}

/** Draws the pictures of a film, one after the other. */
export interface Painter {
  readonly canvas: HTMLCanvasElement
  /** Draws the moment `at`. */
  paint(at: number): void
  dispose(): void
}

/** What a film shows: robots, or episodes on a map. */
export type FilmScene = RobotFilm | MapFilm
