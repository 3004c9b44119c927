import { RandomSequence } from '../../base/random.ts'
import { cartPole } from '../cartPole.ts'
import { balance, mixedWithRandom, randomController, rock, swingUp, withNoise } from '../controllers.ts'
import type { Controller } from '../controllers.ts'
import type { Environment } from '../environment.ts'
import { mountainCarContinuous } from '../mountainCarContinuous.ts'
import { pendulum } from '../pendulum.ts'
import { recordEpisode } from './recipe.ts'
import type { DataRecipe } from './recipe.ts'

/** A share of the episodes and the behaviour that made them. */
interface Ingredient {
  readonly source: string
  readonly episodes: number
  readonly controller: Controller
}

type Description = Pick<DataRecipe, 'id' | 'title' | 'summary'>

/** A recipe of scripted behaviours of different quality, its episodes in shuffled order. */
function mixture(
  description: Description,
  environment: Environment,
  ingredients: readonly Ingredient[]
): DataRecipe {
  return {
    ...description,
    environmentId: environment.id,
    generate(seed) {
      const order = ingredients.flatMap(ingredient =>
        Array.from({ length: ingredient.episodes }, () => ingredient)
      )
      new RandomSequence(seed, `recipe/${description.id}/order`).shuffle(order)
      const episodes = order.map(({ source, controller }, index) => {
        const random = new RandomSequence(seed, `recipe/${description.id}/${index}`)
        return recordEpisode(environment, controller, random, source)
      })
      const behaviour = ingredients.map(({ source, episodes: count }) => `${count} x ${source}`).join(', ')
      return { environmentId: environment.id, episodes, provenance: { behaviour, seed: String(seed) } }
    }
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`

const withRandomShares = (
  environment: Environment,
  name: string,
  controller: Controller,
  shares: readonly number[],
  episodes: number
): Ingredient[] =>
  shares.map(share => ({
    source: `${name}, ${percent(share)} uniform actions`,
    episodes,
    controller: mixedWithRandom(environment, controller, share)
  }))

/** Pendulum data of rising quality: 100 episodes, four shares of uniform actions. */
export const pendulumMixed = mixture(
  {
    id: 'pendulum-mixed',
    title: 'Pendulum, mixed quality',
    summary:
      '100 episodes of an energy swing-up with 10, 30, 50 and 70 % of its actions replaced by uniform ones.'
  },
  pendulum,
  withRandomShares(pendulum, 'swing-up', swingUp, [0.1, 0.3, 0.5, 0.7], 25)
)

/** Pendulum data of a nearly deterministic expert: nothing is known of other actions. */
export const pendulumNarrow = mixture(
  {
    id: 'pendulum-narrow',
    title: 'Pendulum, narrow expert',
    summary:
      '50 episodes of the swing-up expert with noise of 0.05 on its torque: values of other actions are guesses.'
  },
  pendulum,
  [{ source: 'swing-up, noise 0.05', episodes: 50, controller: withNoise(pendulum, swingUp, 0.05) }]
)

/** Pendulum data in which half of the actions are uniform: worse returns, but every action is known. */
export const pendulumCovering = mixture(
  {
    id: 'pendulum-covering',
    title: 'Pendulum, covering',
    summary:
      '50 episodes of the swing-up expert with half of its actions uniform: the contrast to the narrow expert.'
  },
  pendulum,
  withRandomShares(pendulum, 'swing-up', swingUp, [0.5], 50)
)

/** CartPole data from falling at once to never falling. */
export const cartPoleMixed = mixture(
  {
    id: 'cartpole-mixed',
    title: 'CartPole, mixed quality',
    summary:
      '120 episodes of a linear feedback with 30, 50 and 70 % uniform actions, and of uniform actions alone.'
  },
  cartPole,
  [
    ...withRandomShares(cartPole, 'feedback', balance, [0.3, 0.5, 0.7], 30),
    { source: 'uniform actions', episodes: 30, controller: randomController(cartPole) }
  ]
)

/** Mountain car data with and without reaching the flag. */
export const mountainCarMixed = mixture(
  {
    id: 'mountaincar-mixed',
    title: 'Mountain car, mixed quality',
    summary:
      '60 episodes of pushing along the velocity, full and half force, with 20 to 80 % uniform actions; some never arrive.'
  },
  mountainCarContinuous,
  [
    ...withRandomShares(mountainCarContinuous, 'full force', rock(1), [0.2, 0.5, 0.8], 10),
    ...withRandomShares(mountainCarContinuous, '0.4 of the force', rock(0.4), [0.2, 0.5, 0.8], 10)
  ]
)
