import type { AxisFormat } from '../charts/types.ts'
import type { Track } from './track.ts'

/** What episodes have in common while they play: their steps, the robot's seconds, or the share of each that has passed. */
export const clockModes = ['step', 'time', 'progress'] as const
export type ClockMode = (typeof clockModes)[number]

/** The axis of the clock and of all strips. Its numbers are steps of the longest episode times `unit`. */
export interface ReplayAxis {
  readonly mode: ClockMode
  readonly name: string
  readonly format: AxisFormat
  /** Axis units a step of the longest episode. */
  readonly unit: number
  /** Steps of the longest episode. */
  readonly length: number
}

/**
 * @param length steps of the longest episode
 * @param stepSeconds seconds of a step; without it `time` falls back to steps
 */
export function axisOf(mode: ClockMode, length: number, stepSeconds: number | null): ReplayAxis {
  if (mode === 'progress')
    return { mode, name: 'progress', format: 'percent', unit: 100 / Math.max(1, length), length }
  if (mode === 'time' && stepSeconds !== null)
    return { mode, name: 'time', format: 'clock', unit: stepSeconds, length }
  return { mode: 'step', name: 'step', format: 'step', unit: 1, length }
}

/** Axis units a step of this track; they differ between tracks of unequal length under `progress`. */
export const unitOf = (axis: ReplayAxis, track: Pick<Track, 'length'>): number =>
  axis.mode === 'progress' ? 100 / Math.max(1, track.length) : axis.unit

/**
 * Where a track is when the clock shows `at`.
 * @param at steps of the longest episode, fractional
 * @returns a fractional step of the track, at most its last
 */
export const stepOf = (axis: ReplayAxis, at: number, track: Pick<Track, 'length'>): number =>
  axis.mode === 'progress'
    ? (Math.min(at, axis.length) / Math.max(1, axis.length)) * track.length
    : Math.min(at, track.length)

/** What the clock shows when the track is at `step`; the inverse of `stepOf`. */
export const clockAt = (axis: ReplayAxis, step: number, track: Pick<Track, 'length'>): number =>
  (step * unitOf(axis, track)) / axis.unit

/** A place of the clock in the words of its axis: `312`, `15.60 s`, `31.2 %`. */
export function placeText(axis: ReplayAxis, at: number): string {
  if (axis.mode === 'step') return String(Math.floor(at + 1e-9))
  return axis.mode === 'time' ? `${(at * axis.unit).toFixed(2)} s` : `${(at * axis.unit).toFixed(1)} %`
}
