import { RandomSequence } from '../../base/random.ts'
import { walkCells } from '../controllers.ts'
import { cells, crossroadsGrid } from '../crossroadsGrid.ts'
import { recordEpisode } from './recipe.ts'
import type { DataRecipe } from './recipe.ts'

const routes = [
  { source: 'S to C to X', episodes: 84, start: cells.start, waypoints: [cells.crossing, cells.deadEnd] },
  { source: 'T to C to G', episodes: 40, start: cells.secondStart, waypoints: [cells.crossing, cells.goal] },
  { source: 'S to M', episodes: 76, start: cells.start, waypoints: [cells.consolation] }
] as const

/** The Crossroads demonstrations on the grid: the same counts, each by its shortest way, in shuffled order. */
export const crossroadsGridDemonstrations: DataRecipe = {
  id: 'crossroads-grid',
  title: 'Crossroads grid demonstrations',
  summary:
    '200 shortest walks on the 9 x 9 grid: 84 from S to a dead end, 40 from T to the goal, 76 from S to a consolation of 0.4.',
  environmentId: crossroadsGrid.id,
  generate(seed) {
    const order = routes.flatMap(route => Array.from({ length: route.episodes }, () => route))
    const random = new RandomSequence(seed, 'recipe/crossroads-grid/order')
    random.shuffle(order)
    const episodes = order.map(route =>
      recordEpisode(crossroadsGrid, walkCells(route.waypoints), random, route.source, state => {
        state[0] = route.start.column
        state[1] = route.start.row
      })
    )
    return {
      environmentId: crossroadsGrid.id,
      episodes,
      provenance: { behaviour: 'shortest walks through cells', seed: String(seed) }
    }
  }
}
