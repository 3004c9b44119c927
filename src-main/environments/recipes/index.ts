import { crossroadsDemonstrations } from './crossroads.ts'
import { crossroadsGridDemonstrations } from './crossroadsGrid.ts'
import { maze2dLarge, maze2dMedium, maze2dUmaze } from './maze2d.ts'
import {
  cartPoleMixed,
  mountainCarMixed,
  pendulumCovering,
  pendulumMixed,
  pendulumNarrow
} from './mixtures.ts'
import type { DataRecipe } from './recipe.ts'

/** Every built-in generator of demonstrations. */
export const recipes: readonly DataRecipe[] = [
  crossroadsDemonstrations,
  crossroadsGridDemonstrations,
  pendulumMixed,
  pendulumNarrow,
  pendulumCovering,
  cartPoleMixed,
  mountainCarMixed,
  maze2dUmaze,
  maze2dMedium,
  maze2dLarge
]

/** The recipe of an id, or undefined. */
export function recipeById(id: string): DataRecipe | undefined {
  return recipes.find(recipe => recipe.id === id)
}
