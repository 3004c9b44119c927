import { RandomSequence } from '../../base/random.ts'
import { walkThrough } from '../controllers.ts'
import { crossroads, places, startNear } from '../crossroads.ts'
import type { Place } from '../crossroads.ts'
import { recordEpisode } from './recipe.ts'
import type { DataRecipe } from './recipe.ts'

/** Standard deviation of the demonstrators' noise, per action component. */
const actionNoise = 0.25
/** Waypoints are drawn uniformly within this distance of the place, per coordinate: inside every terminal region. */
const waypointNoise = 0.25
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
