import type { CollectOptions, Learner } from '../../src-preload/contract/collect.ts'
import { UserError } from '../base/errors.ts'
import { replayBytes } from './sac/living.ts'
import type { Environment } from '../environments/environment.ts'
import { environmentById, environments } from '../environments/index.ts'

const learners: CollectOptions['learners'] = [
  {
    id: 'ppo',
    title: 'PPO',
    summary:
      'Proximal policy optimisation on two layers of 64: sure on Hopper and Walker2d, far from an expert on HalfCheetah.'
  },
  {
    id: 'ars',
    title: 'ARS',
    summary:
      'Augmented random search for a linear policy: costs little more than the simulation. Good on Hopper, middling on HalfCheetah, weak on Walker2d.'
  },
  {
    id: 'sac',
    title: 'SAC',
    summary:
      'Soft actor-critic on two layers of 256, for HalfCheetah: needs few steps, but each costs a gradient step (some 100 a second and core), and its replay is kept in memory.'
  }
]

/** Environment steps that brought a learner a good part of its way, by the beginning of an environment's id. */
const usualSteps: Readonly<Record<Learner, Readonly<Record<string, number>>>> = {
  ppo: { hopper: 600_000, walker2d: 1_500_000, halfcheetah: 1_000_000, ant: 2_000_000, '': 200_000 },
  ars: { hopper: 1_500_000, walker2d: 3_000_000, halfcheetah: 3_000_000, ant: 5_000_000, '': 500_000 },
  sac: { halfcheetah: 300_000, '': 100_000 }
}

function proposed(learner: Learner, { id }: Environment): number {
  const [, steps] = Object.entries(usualSteps[learner]).find(([start]) => id.startsWith(start))!
  return steps
}

const choices = (environment: Environment): CollectOptions['environments'][number]['learners'] =>
  environment.actions.kind === 'discrete'
    ? []
    : learners.map(({ id }) => {
        const steps = proposed(id, environment)
        return { id, steps, bytesPerStep: id === 'sac' ? replayBytes(environment) : null }
      })

/** What can be collected from: learners work with continuous actions, random data come from everything. */
export const collectOptions = (): CollectOptions => ({
  learners,
  environments: environments.map(environment => ({
    id: environment.id,
    title: environment.info.title,
    learners: choices(environment)
  }))
})

/** The environment of an id. @throws UserError('not-found') */
export function knownEnvironment(id: string): Environment {
  const environment = environmentById(id)
  if (environment !== undefined) return environment
  const known = environments.map(candidate => candidate.id).join(', ')
  throw new UserError('not-found', `there is no environment "${id}"; there are ${known}`)
}

/** @throws UserError('not-found' | 'unsupported') where a behaviour cannot be trained */
export function checkTrainable(environmentId: string): void {
  if (choices(knownEnvironment(environmentId)).length > 0) return
  throw new UserError(
    'unsupported',
    `${environmentId} has discrete actions; behaviours are trained for continuous ones, random data can be made`
  )
}
