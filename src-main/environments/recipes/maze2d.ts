import { RandomSequence } from '../../base/random.ts'
import { withNoise } from '../controllers.ts'
import { maze2d } from '../maze2d.ts'
import { wander } from '../maze2dController.ts'
import { mazeLayouts } from '../mazeLayouts.ts'
import type { MazeName } from '../mazeLayouts.ts'
import { recordEpisode } from './recipe.ts'
import type { DataRecipe } from './recipe.ts'

/** Waypoints vary by up to this within their corridors, in metres. */
const waypointJitter = 0.2
/** Standard deviation of the noise on each action of the noisy half of the episodes. */
const actionNoise = 0.5

/**
 * Wandering between random cells, like D4RL's maze2d data: no episode means to reach the goal, and the rewards are those of
 * standing near it by chance; a policy that goes there is stitched from pieces.
 * @param episodes half of them with noise on the actions
 */
function wandering(name: MazeName, episodes: number, place: string): DataRecipe {
  const environment = maze2d(name, 'sparse')
  return {
    id: `maze2d-${name}`,
    title: `Maze2d ${place}, wandering`,
    summary:
      `${episodes} episodes of a waypoint controller between random cells, half of them with noise of ${actionNoise} on its ` +
      'actions; rewards only near the goal.',
    environmentId: environment.id,
    generate(seed) {
      const recorded = Array.from({ length: episodes }, (_, index) => {
        const random = new RandomSequence(seed, `recipe/maze2d-${name}/${index}`)
        const wanderer = wander(mazeLayouts[name], waypointJitter)
        return index % 2 === 0
          ? recordEpisode(environment, wanderer, random, 'wandering')
          : recordEpisode(
              environment,
              withNoise(environment, wanderer, actionNoise),
              random,
              'wandering, noisy'
            )
      })
      return {
        environmentId: environment.id,
        episodes: recorded,
        provenance: {
          behaviour: `waypoint controller between random cells, waypoint jitter ${waypointJitter}, action noise 0 and ${actionNoise}`,
          seed: String(seed)
        }
      }
    }
  }
}

export const maze2dUmaze = wandering('umaze', 200, 'U-maze')
export const maze2dMedium = wandering('medium', 200, 'medium')
export const maze2dLarge = wandering('large', 200, 'large')
