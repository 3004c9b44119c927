import { RandomSequence } from '../../base/random.ts'
import { capLength, crossroads, places, startNear, stepLength } from '../crossroads.ts'
import type { Place } from '../crossroads.ts'
import { recordEpisode } from './recipe.ts'
import type { Controller, DataRecipe } from './recipe.ts'

/** Standard deviation of the demonstrators' noise, per action component. */
const actionNoise = 0.25
/** Waypoints are drawn uniformly within this distance of the place, per coordinate: inside every terminal region. */
const waypointNoise = 0.25
/** A waypoint counts as reached within this distance; wider than one step, so that the walker does not circle it. */
const reachedWithin = 0.6

const routes = [
  { source: 'S to C to X', episodes: 84, start: places.start, waypoints: [places.crossing, places.deadEnd] },
  {
    source: 'T to C to G',
    episodes: 40,
    start: places.secondStart,
    waypoints: [places.crossing, places.goal]
  },
  { source: 'S to M', episodes: 76, start: places.start, waypoints: [places.consolation] }
] as const

/**
 * Walks through waypoints at full speed.
 * @param noise standard deviation added to each action component before its length is capped at 1
 */
export function walkThrough(waypoints: readonly Place[], noise: number): Controller {
  let next = 0
  return (state, action, random) => {
    const distance = (place: Place) => Math.hypot(place.x - state[0], place.y - state[1])
    if (next < waypoints.length - 1 && distance(waypoints[next]) < reachedWithin) next++
    const target = waypoints[next]
    const scale = 1 / Math.max(distance(target), stepLength)
    const move = new Float64Array([
      (target.x - state[0]) * scale + noise * random.normal(),
      (target.y - state[1]) * scale + noise * random.normal()
    ])
    capLength(move)
    action.set(move)
  }
}

const jitter = (place: Place, random: RandomSequence): Place => ({
  x: place.x + random.uniform(-waypointNoise, waypointNoise),
  y: place.y + random.uniform(-waypointNoise, waypointNoise)
})

/**
 * The Crossroads demonstrations: 84 episodes from S over C to the dead end X (return 0), 40 from T over C to the goal (1) and
 * 76 from S to the consolation M (0.4), in shuffled order. None goes from S to the goal.
 */
export const crossroadsDemonstrations: DataRecipe = {
  id: 'crossroads',
  title: 'Crossroads demonstrations',
  summary:
    '200 noisy walks: 84 from S to a dead end, 40 from T to the goal, 76 from S to a consolation of 0.4. The best route ' +
    'from S has to be stitched from two of them.',
  environmentId: crossroads.id,
  generate(seed) {
    const order = routes.flatMap(route => Array.from({ length: route.episodes }, () => route))
    new RandomSequence(seed, 'recipe/crossroads/order').shuffle(order)
    const episodes = order.map((route, index) => {
      const random = new RandomSequence(seed, `recipe/crossroads/${index}`)
      const waypoints = route.waypoints.map(place => jitter(place, random))
      const start = (state: Float64Array) => startNear(route.start, state, random)
      return recordEpisode(crossroads, walkThrough(waypoints, actionNoise), random, route.source, start)
    })
    return {
      environmentId: crossroads.id,
      episodes,
      provenance: {
        behaviour: `waypoint walkers, action noise ${actionNoise}, waypoint noise ${waypointNoise}`,
        seed: String(seed)
      }
    }
  }
}
