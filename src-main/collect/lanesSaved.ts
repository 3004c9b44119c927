import type { StoredTensors } from '../base/safetensors.ts'
import type { Lane, LanePlace } from './lanes.ts'
import { line } from './learning.ts'

/** The places of lanes as named arrays. */
export const savedLanes = (lanes: readonly Lane[]): StoredTensors =>
  Object.fromEntries(lanes.flatMap((lane, index) => Object.entries(savedLane(lane, index))))

function savedLane(lane: Lane, index: number): StoredTensors {
  const { episode, actions } = lane.place()
  return {
    [`lane/${index}/episode`]: line(Float64Array.of(episode)),
    [`lane/${index}/actions`]: line(actions)
  }
}

/** The place of a lane that `savedLanes` wrote. */
export const placeOf = (saved: StoredTensors, index: number): LanePlace => ({
  episode: saved[`lane/${index}/episode`].data[0],
  actions: saved[`lane/${index}/actions`].data as Float32Array
})
