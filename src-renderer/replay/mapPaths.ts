import type { EnvironmentInfo } from '../../src-preload/contract/algorithms.ts'
import { columnOf, type Track } from './track.ts'

export type ReplayMap = NonNullable<EnvironmentInfo['map']>

/** Where a track goes on a map, [T + 1] each, in the map's own units with y upwards. */
export interface MapPath {
  readonly xs: Float64Array
  readonly ys: Float64Array
}

/** The way of a track over a map. */
export const pathOn = (map: ReplayMap, track: Track): MapPath => ({
  xs: columnOf(track.observations, track.observationSize, map.x),
  ys: columnOf(track.observations, track.observationSize, map.y)
})

/** Where a track is. */
export interface MapHead {
  readonly x: number
  readonly y: number
  /** Places of its path that it has passed. */
  readonly passed: number
}

/** The place at a fractional step, at most the last one. */
export function headOn({ xs, ys }: MapPath, step: number): MapHead {
  const at = Math.max(0, Math.min(step, xs.length - 1))
  const i = Math.floor(at)
  const mix = (values: Float64Array): number => {
    const here = values[i] ?? 0
    return here + ((values[i + 1] ?? here) - here) * (at - i)
  }
  return { x: mix(xs), y: mix(ys), passed: i + 1 }
}

/** Width and height of a map in its own units. */
export const extentOf = ({
  xRange,
  yRange
}: ReplayMap): { readonly width: number; readonly height: number } => ({
  width: xRange[1] - xRange[0],
  height: yRange[1] - yRange[0]
})

/** Width over height; a map without an extent counts as a square. */
export function aspectOf(map: ReplayMap): number {
  const { width, height } = extentOf(map)
  return Number.isFinite(width / height) && width > 0 && height > 0 ? width / height : 1
}

/** Words at the edge of a map stay inside it. */
export function anchorOn(map: ReplayMap, x: number): 'start' | 'middle' | 'end' {
  const share = (x - map.xRange[0]) / extentOf(map).width
  return share < 0.1 ? 'start' : share > 0.9 ? 'end' : 'middle'
}

/** Sizes of what is drawn on a map, in hundredths of its longer side. */
export const mapSizes = {
  outline: 0.4,
  word: 3.2,
  wholePath: 0.5,
  donePath: 0.8,
  head: 1.6,
  headEdge: 0.5,
  outcomeAbove: 3,
  outcomeHalo: 0.9
} as const
/** How solid a whole path is, and one whose episode has ended. */
export const mapOpacities = { wholePath: 0.3, ended: 0.6, filledPlace: 0.15 } as const
